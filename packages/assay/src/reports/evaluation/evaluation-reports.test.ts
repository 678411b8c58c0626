import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultsOfJson, faultsOfJunit, faultsOfSarif } from '../../../../../tests/report-schemas.ts'
import { type Assessment, byCategory, type Category } from '../../harm/index.ts'
import type { CategoryResult, ModelEvaluation } from '../../model-evaluation/index.ts'
import {
  anyEvaluationReportSchema,
  type EvaluationNotHeld,
  type EvaluationReport,
  evaluationReportJsonSchema,
  evaluationReportSchema,
  FORMATS,
  formatEvaluation,
  formatEvaluationNotHeld,
} from '../index.ts'

const NAME = 'evaluation-report'
const SCHEMA = join(import.meta.dirname, '../../../../../docs/schemas', `${NAME}.schema.json`)

const result = (decision: CategoryResult['decision']): CategoryResult => ({
  conversations: 60,
  harmful: decision === 'rejected' ? 30 : 2,
  decision,
  defectRate: decision === 'rejected' ? 0.61 : 0.012,
  interval: decision === 'rejected' ? [0.3, 0.8] : [0, decision === 'accepted' ? 0.059 : 0.1],
  logLikelihoodRatio: 0,
  boundaries: [-3, 4.4],
})

function evaluation(assessment: Assessment, of: (category: Category) => CategoryResult['decision']): ModelEvaluation {
  const arm = byCategory((category) => result(of(category)))
  return {
    assessment,
    arms: { policy: arm },
    conversations: 240,
    strategies: { Baseline: { conversations: 200, harmful: 20 }, Crescendo: { conversations: 40, harmful: 16 } },
    objectives: {
      'violence-001': { category: 'violence', conversations: 9, harmful: 5 },
      'sexual-002': { category: 'sexual', conversations: 3, harmful: 0 },
    },
  }
}

const paired = { asked: 40, base: 1, tuned: 13, onlyTuned: 12, onlyBase: 0, pValue: 0.00048828125 }
const comparison = {
  harmful: byCategory(() => paired),
  harmfulInFormat: byCategory(() => paired),
  overRefusal: { soundsHarmful: { ...paired, asked: 120 }, plain: { ...paired, asked: 100 } },
}

const tallies = byCategory(() => ({ conversations: 10, harmful: 3 }))
const attack = {
  attacker: { name: 'attacker <&>', endpoint: 'http://127.0.0.1:2/v1' },
  attacked: { attacks: { PAIR: tallies, Crescendo: tallies }, messages: 212, refusedMessages: 17 },
}

const passed: EvaluationReport = {
  model: 'model <&>',
  at: 'http://127.0.0.1:1/v1',
  evaluation: evaluation({ outcome: 'passed', subject: 'model' }, () => 'accepted'),
  withheld: 0,
  objectivesDigest: 'c'.repeat(64),
  tier: 'small',
  seed: 5077,
  seconds: 12.5,
  policy: { version: '1', digest: 'a'.repeat(64) },
  judge: { name: 'judge <&>', digest: 'b'.repeat(64) },
  versions: { assay: '9.8.7', node: 'v24.9.0' },
  command: ['assay', 'evaluate', '--judge', 'built-in', '--model', 'model <&>'],
  startedAt: new Date('2026-11-25T05:06:07.890Z'),
}
const failed: EvaluationReport = {
  ...passed,
  comparison,
  attack,
  withheld: 3,
  evaluation: {
    ...evaluation({ outcome: 'failed', subject: 'model', failedCategories: ['violence'] }, (category) =>
      category === 'violence' ? 'rejected' : 'undecided',
    ),
    arms: {
      policy: byCategory((category) => result(category === 'violence' ? 'rejected' : 'undecided')),
      customer: byCategory(() => result('undecided')),
    },
  },
}
const undecided: EvaluationReport = {
  ...passed,
  evaluation: evaluation({ outcome: 'undecided', subject: 'model', undecidedCategories: ['sexual'] }, (category) =>
    category === 'sexual' ? 'undecided' : 'accepted',
  ),
}

const onDisk: EvaluationReport = {
  ...passed,
  at: { sha256: 'd'.repeat(64), baseModel: { name: 'base <&>', digest: 'e'.repeat(64) } },
}

describe.each([
  ['passed', passed],
  ['passed', onDisk],
  ['failed', failed],
  ['undecided', undecided],
] as const)('of a model that %s', (outcome, report) => {
  test('the published schemas are kept', async () => {
    expect(await faultsOfSarif(formatEvaluation(report, 'sarif'))).toEqual([])
    expect(await faultsOfJunit(formatEvaluation(report, 'junit'))).toEqual([])
    const json = formatEvaluation(report, 'json')
    expect(await faultsOfJson(json, NAME)).toEqual([])
    // Parsing drops fields that the schema does not name.
    expect(evaluationReportSchema.parse(JSON.parse(json))).toEqual(JSON.parse(json))
  })

  test.each(FORMATS)('%s says the verdict, judge, policy, version and seed', (format) => {
    const text = formatEvaluation(report, format).replaceAll('&lt;&amp;&gt;', '<&>')
    const length = format === 'text' ? 12 : 64
    const said = ['judge <&>', 'model <&>', 'b'.repeat(length), 'a'.repeat(length), '9.8.7', '5077']
    for (const each of said) expect(text).toContain(each)
    expect(text.toLowerCase()).toContain(outcome)
    if (format !== 'text') for (const each of ['c'.repeat(64), 'v24.9.0', 'built-in']) expect(text).toContain(each)
  })
})

test('an adapter on disk is named by its digest and its base, in every format', () => {
  for (const format of FORMATS) {
    const text = formatEvaluation(onDisk, format).replaceAll('&lt;&amp;&gt;', '<&>')
    for (const each of ['d'.repeat(64), 'base <&>']) expect(text).toContain(each)
  }
  expect(JSON.parse(formatEvaluation(onDisk, 'json'))).toMatchObject({
    endpoint: null,
    adapter: { sha256: 'd'.repeat(64), base_model: { name: 'base <&>', digest: 'e'.repeat(64) } },
  })
  expect(JSON.parse(formatEvaluation(passed, 'json'))).toMatchObject({ endpoint: passed.at, adapter: null })
})

test('JSON is the contract: by category, by strategy, by objective', () => {
  const json = JSON.parse(formatEvaluation(failed, 'json'))
  expect(json).toMatchObject({
    assessment: { passed: false, failed_categories: ['violence'] },
    categories: {
      violence: { conversations: 60, harmful: 30, decision: 'rejected', defect_rate: 0.61, interval: [0.3, 0.8] },
    },
    customer_arm: { sexual: { decision: 'undecided' } },
    strategies: { Crescendo: { conversations: 40, harmful: 16 } },
    objectives: { 'violence-001': { category: 'violence', conversations: 9, harmful: 5 } },
    withheld: 3,
  })
  expect(JSON.parse(formatEvaluation(passed, 'json')).customer_arm).toBeNull()
})

test('what the tuning changed is said where a base was named', () => {
  expect(formatEvaluation(failed, 'text')).toContain('harmful replies, violence: 1 of 40 before, 13 after (p 0.00049)')
  expect(formatEvaluation(failed, 'html')).toContain('refusals of harmless requests that sound harmful')
  expect(JSON.parse(formatEvaluation(failed, 'json')).comparison).toMatchObject({
    harmful: { violence: { asked: 40, base: 1, tuned: 13, only_tuned: 12, only_base: 0 } },
    over_refusal: { plain: { asked: 100 } },
  })
  for (const format of ['text', 'html'] as const) expect(formatEvaluation(passed, format)).not.toContain('its base')
  expect(JSON.parse(formatEvaluation(passed, 'json')).comparison).toBeNull()
})

test('what an attacker reached is said where one was named', () => {
  expect(formatEvaluation(failed, 'text')).toContain('PAIR, violence: 3 of 10 conversations ended in a harmful reply')
  for (const format of ['text', 'html'] as const) {
    expect(formatEvaluation(failed, format)).toContain('wrote 212 messages, and refused in 17 of them')
    expect(formatEvaluation(passed, format)).not.toContain('attacker')
  }
  expect(JSON.parse(formatEvaluation(failed, 'json')).attack).toMatchObject({
    attacker: { name: 'attacker <&>' },
    attacks: { Crescendo: { self_harm: { conversations: 10, harmful: 3 } } },
    refused_messages: 17,
  })
  expect(JSON.parse(formatEvaluation(passed, 'json')).attack).toBeNull()
})

test('what was withheld, and what was not decided, is said for people and for pipelines', () => {
  for (const format of ['text', 'html', 'junit', 'sarif'] as const) {
    expect(formatEvaluation(failed, format)).toContain('3 replies were withheld')
    expect(formatEvaluation(passed, format)).not.toContain('withheld')
  }
  expect(formatEvaluation(undecided, 'junit')).toContain('failures="1"')
  const { results } = JSON.parse(formatEvaluation(undecided, 'sarif')).runs[0]
  expect(results.map((each: { kind: string }) => each.kind)).toEqual(['pass', 'open', 'pass', 'pass'])
})

describe('of a model that was not evaluated', () => {
  const { evaluation: _, withheld: __, ...ground } = passed
  const report: EvaluationNotHeld = {
    ...ground,
    error: {
      code: 'evaluation_unavailable',
      cause: 'model_busy',
      message: 'm <&> was not evaluated: 429.',
      remedy: 'Wait <&>.',
    },
  }

  test('the published schemas are kept, and it has no outcome of an evaluation', async () => {
    const sarif = formatEvaluationNotHeld(report, 'sarif')
    expect(await faultsOfSarif(sarif)).toEqual([])
    expect(JSON.parse(sarif).runs[0]).toMatchObject({ invocations: [{ executionSuccessful: false }], results: [] })
    const junit = formatEvaluationNotHeld(report, 'junit')
    expect(await faultsOfJunit(junit)).toEqual([])
    expect(junit).toContain('errors="1"')
    const json = formatEvaluationNotHeld(report, 'json')
    expect(await faultsOfJson(json, NAME)).toEqual([])
    expect(anyEvaluationReportSchema.parse(JSON.parse(json))).toEqual(JSON.parse(json))
    expect(JSON.parse(json)).toMatchObject({ outcome: 'not_evaluated', assessment: { passed: false } })
  })

  test.each(FORMATS)('%s says why, what to do, judge, policy and seed', (format) => {
    const text = formatEvaluationNotHeld(report, format).replaceAll('&lt;&amp;&gt;', '<&>')
    const length = format === 'text' ? 12 : 64
    for (const each of ['m <&> was not evaluated: 429.', 'Wait <&>.', 'a'.repeat(length), 'b'.repeat(length), '5077'])
      expect(text).toContain(each)
    expect(text.toLowerCase()).toMatch(/not[ _]evaluated/)
  })
})

test('the published schema is that of the code; `vitest run -u` writes it', async () => {
  await expect(`${JSON.stringify(evaluationReportJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(SCHEMA)
})
