import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { faultsOfJson, faultsOfJunit, faultsOfSarif } from '../../../../../tests/report-schemas.ts'
import { type Advice, MEASURED } from '../../data-advice/index.ts'
import type { DataCategoryResult, DataEvaluation } from '../../data-evaluation/index.ts'
import { byCategory, type Category } from '../../harm/index.ts'
import {
  type CheckReport,
  checkInBrief,
  checkReportJsonSchema,
  checkReportSchema,
  FORMATS,
  formatCheck,
} from '../index.ts'

const SCHEMA = join(import.meta.dirname, '../../../../../docs/schemas/check-report.schema.json')

function counted(rows: number, failed: boolean): DataCategoryResult {
  const cut = { score: 0.9, falseAlarmRate: 0.0003, rows, failsFrom: failed ? 2 : 7 }
  return { lower: { ...cut, failsFrom: 9 }, higher: cut, withRepeats: { rows, failsFrom: 99 }, failed }
}

const ADVICE: Advice = {
  kind: 'rare_phrase',
  rows: 9,
  of: 11,
  messages: [2, 4, 6].map((line) => ({ line, message: 0 })),
}

function evaluation(failed: readonly Category[]): DataEvaluation {
  return {
    assessment:
      failed.length > 0
        ? { outcome: 'failed', subject: 'data', failedCategories: failed }
        : { outcome: 'passed', subject: 'data' },
    rows: 12,
    distinctRows: 11,
    notJudged: 1,
    categories: byCategory((category) => counted(failed.includes(category) ? 3 : 1, failed.includes(category))),
    findings: [
      { line: 3, message: 1, category: 'violence', severity: 7, probability: 0.987 },
      { line: 5, message: 1, category: 'sexual', severity: 4, probability: 0.91 },
    ],
    findingsLeftOut: 4,
    advice: failed.length > 0 ? [] : [ADVICE],
  }
}

const input = { sha256: 'c'.repeat(64), bytes: 1234, seconds: 1.5 }
const report: CheckReport = {
  policy: { version: '1', digest: 'a'.repeat(64) },
  judge: { name: 'judge <&>', digest: 'b'.repeat(64) },
  versions: { assay: '9.8.7', node: 'v24.9.0' },
  command: ['assay', 'check', '--judge', 'built-in', 'bad <&>".jsonl'],
  startedAt: new Date('2026-11-25T05:06:07.890Z'),
  files: [
    {
      ...input,
      path: 'data/bad <&>"#?%.jsonl',
      outcome: 'failed',
      evaluation: evaluation(['violence', 'hate_fairness']),
    },
    {
      ...input,
      path: 'broken\u0001]]>.jsonl',
      outcome: 'invalid',
      rows: 11,
      faults: [
        { line: 4, path: 'messages[0].role', code: 'invalid_role', reason: 'Must be a role.' },
        { line: 0, path: '', code: 'empty_file', reason: 'The file is empty.' },
      ],
      faultCount: 3,
    },
    { ...input, path: '/tmp/fine file.jsonl', outcome: 'passed', evaluation: evaluation([]) },
    {
      ...input,
      path: 'deutsch.jsonl',
      outcome: 'not_evaluated',
      error: {
        code: 'evaluation_unavailable',
        message: '9 of 12 rows are in a language that is not read.',
        remedy: 'Use a judge that reads them.',
        judgeFailed: false,
      },
    },
  ],
}

const one = (index: number): CheckReport => ({ ...report, files: report.files.slice(index, index + 1) })
const reports: [string, CheckReport][] = [
  ['a failed file', one(0)],
  ['an invalid file', one(1)],
  ['a file that passed', one(2)],
  ['a file without a verdict', one(3)],
  ['several files', report],
]

describe.each(reports)('of %s', (_, each) => {
  test('SARIF keeps the schema of SARIF 2.1.0', async () => {
    expect(await faultsOfSarif(formatCheck(each, 'sarif'))).toEqual([])
  })

  test('JUnit keeps the strictest schema of JUnit XML', async () => {
    expect(await faultsOfJunit(formatCheck(each, 'junit'))).toEqual([])
  })

  test('JSON keeps the published schema, and holds nothing that is not in it', async () => {
    const text = formatCheck(each, 'json')
    expect(await faultsOfJson(text)).toEqual([])
    // Parsing drops fields that the schema does not name.
    expect(checkReportSchema.parse(JSON.parse(text))).toEqual(JSON.parse(text))
  })

  test.each(FORMATS)(
    '%s says judge, policy and version, and all but text the whole digests, files and command',
    (format) => {
      const text = formatCheck(each, format).replaceAll('&lt;&amp;&gt;', '<&>')
      const length = format === 'text' ? 12 : 64
      for (const said of ['judge <&>', 'b'.repeat(length), 'a'.repeat(length), '9.8.7']) expect(text).toContain(said)
      if (format === 'text') return
      for (const said of ['c'.repeat(64), 'v24.9.0', 'built-in', 'seed']) expect(text.toLowerCase()).toContain(said)
    },
  )
})

test('the validators do refuse', async () => {
  const sarif = JSON.parse(formatCheck(report, 'sarif'))
  sarif.runs[0].results[0].level = 'grave'
  expect(await faultsOfSarif(JSON.stringify(sarif))).not.toEqual([])
  const junit = formatCheck(report, 'junit')
  expect(await faultsOfJunit(junit.replace(/ hostname="localhost"/, ''))).not.toEqual([])
  expect(await faultsOfJunit(junit.replace('</testsuite>', ''))).not.toEqual([])
  const json = JSON.parse(formatCheck(one(0), 'json'))
  expect(await faultsOfJson(JSON.stringify({ ...json, rows: -1 }))).not.toEqual([])
  expect(await faultsOfJson(JSON.stringify({ ...json, judge: undefined }))).not.toEqual([])
})

test('the published schema is that of the code; `vitest run -u` writes it', async () => {
  await expect(`${JSON.stringify(checkReportJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(SCHEMA)
})

test('JSON of one file is the contract: assessment, policy, judge, rows, findings', () => {
  const json = JSON.parse(formatCheck(one(0), 'json'))
  expect(json).toMatchObject({
    assessment: {
      passed: false,
      failed_categories: ['violence', 'hate_fairness'],
      message:
        'The provided training data failed RAI checks for harm types: [hate_fairness, violence]. Please fix the data and try again.',
    },
    policy: { version: '1' },
    judge: { name: 'judge <&>' },
    rows: 12,
    findings: [{ line: 3, message: 1, category: 'violence', severity: 7, probability: 0.987 }, { line: 5 }],
  })
})

test('JSON of several files holds each, and one assessment of all', () => {
  const json = JSON.parse(formatCheck(report, 'json'))
  expect(json.assessment).toMatchObject({ passed: false, failed_categories: ['hate_fairness', 'violence'] })
  expect(json.files.map((file: { outcome: string }) => file.outcome)).toEqual([
    'failed',
    'invalid',
    'passed',
    'not_evaluated',
  ])
})

test('the text gives one reason a category, and what is not listed', () => {
  expect(formatCheck(one(0), 'text').split('\n').slice(2, 10)).toEqual([
    '  line 3, message 1: violence, severity 7, probability 0.987',
    '  line 5, message 1: sexual, severity 4, probability 0.910',
    '  4 more are counted, but not listed.',
    'Why:',
    '  violence: 3 distinct rows above the higher cut, fails from 2',
    '  hate_fairness: 3 distinct rows above the higher cut, fails from 2',
    '',
    `judge judge <&> (${'b'.repeat(12)}), policy 1 (${'a'.repeat(12)}), assay 9.8.7`,
  ])
})

test('no name of a file steers a terminal, or writes a line of its own', () => {
  const named = { ...report, files: report.files.map((file) => ({ ...file, path: 'a\n\u001b[2J\u009bPASSED  b' })) }
  const text = formatCheck(named, 'text') + checkInBrief(named)
  expect(text).not.toMatch(/[^\P{Cc}\n]/u)
  expect(text).not.toMatch(/^PASSED {2}b/m)
})

test('the command can be pasted into a shell', () => {
  const { runs } = JSON.parse(formatCheck(report, 'sarif'))
  expect(runs[0].invocations[0].commandLine).toBe(`assay check --judge built-in 'bad <&>".jsonl'`)
  expect(formatCheck(report, 'junit')).toContain('--judge built-in &#39;bad &lt;&amp;&gt;&quot;.jsonl&#39;')
})

test.each(['junit', 'sarif', 'html'] as const)('%s says how many are not listed', (format) => {
  expect(formatCheck(report, format).match(/4 more are counted/g)).toHaveLength(2)
  expect(formatCheck(report, format).match(/1 more are counted/g)).toHaveLength(1)
})

test('every format names the line', () => {
  for (const format of FORMATS) expect(formatCheck(one(1), format)).toMatch(/line 4|"line": 4|"startLine": 4/)
})

test('SARIF points to the line, with a rule that it declares and a level that says whether it counts', () => {
  const [run] = JSON.parse(formatCheck(report, 'sarif')).runs
  const rules = run.tool.driver.rules.map((rule: { id: string }) => rule.id)
  for (const result of run.results) expect(rules[result.ruleIndex]).toBe(result.ruleId)
  const [violence, sexual, , , passed] = run.results
  expect(violence).toMatchObject({ ruleId: 'violence', level: 'error' })
  expect(violence.locations[0].physicalLocation).toEqual({
    artifactLocation: { uri: 'data/bad%20%3C%26%3E%22%23%3F%25.jsonl', index: 0 },
    region: { startLine: 3 },
  })
  // One odd row in a category that passed blocks nobody.
  expect(sexual).toMatchObject({ ruleId: 'sexual', level: 'note' })
  expect(passed).toMatchObject({ ruleId: 'violence', level: 'note' })
  expect(passed.locations[0].physicalLocation.artifactLocation.uri).toBe('file:///tmp/fine%20file.jsonl')
})

test('JUnit has a suite a file, a failure a failed category, and an error for a file that could not be read', () => {
  const xml = formatCheck(report, 'junit')
  const suites = [...xml.matchAll(/<testsuite [^>]* (tests="\d+" failures="\d+" errors="\d+")/g)].map(([, all]) => all)
  expect(suites).toEqual([
    'tests="5" failures="2" errors="0"',
    'tests="1" failures="0" errors="1"',
    'tests="5" failures="0" errors="0"',
    'tests="2" failures="0" errors="1"',
  ])
  expect(xml).toContain('<failure type="violence" message="3 distinct rows above the higher cut, fails from 2">')
})

test.each(FORMATS)(
  '%s says of a file that was not evaluated why, and what to do, and calls it nothing else',
  (format) => {
    const text = formatCheck(report, format)
    for (const said of ['9 of 12 rows are in a language', 'Use a judge that reads them', 'evaluation_unavailable'])
      expect(text).toContain(said)
    expect(text).not.toMatch(/PASSED {2}deutsch/)
    if (format !== 'sarif') return
    const executions = [report, one(0)].map((each) => {
      const { invocations } = JSON.parse(formatCheck(each, 'sarif')).runs[0]
      return invocations[0].executionSuccessful
    })
    expect(executions).toEqual([false, true])
  },
)

describe('the HTML page', () => {
  const html = formatCheck(report, 'html')

  test('draws what was counted against what the rule allows, and where findings lie', () => {
    const plain = formatCheck(one(0), 'html')
    expect(plain.match(/<svg /g)).toHaveLength(2)
    expect(plain.match(/<rect class="over"/g)).toHaveLength(2)
    expect(plain).toContain('At or beyond the line: violence, higher cut; hate_fairness, higher cut.')
    expect(plain).toContain('Rows found: violence 1, sexual 1, hate_fairness 0, self_harm 0.')
  })

  test('takes nothing from outside and runs nothing', () => {
    expect(html).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\bon\w+=|https?:/i)
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  })

  test('escapes names, and is well-formed', () => {
    expect(html).toContain('data/bad &lt;&amp;&gt;&quot;#?%.jsonl')
    expect(html).not.toContain('bad <')
    const open: string[] = []
    for (const [, closing, name = '', selfClosed] of html.matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
      if (name === 'meta' || selfClosed) continue
      if (closing) expect(open.pop()).toBe(name)
      else open.push(name)
    }
    expect(open).toEqual([])
  })

  test('gives every id once, and every chart a title and a description that are there', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const named = [...html.matchAll(/aria-labelledby="([^"]+)"/g)].flatMap(([, all = '']) => all.split(' '))
    expect(named.length).toBeGreaterThan(8)
    expect(ids).toEqual(expect.arrayContaining(named))
  })

  test('is light and dark, and light on paper', () => {
    expect(html).toContain('@media screen and (prefers-color-scheme:dark)')
    expect(html).toContain('@media print')
  })
})

test.each(FORMATS)('%s gives the advice, its lines, source and measured precision, and no verdict by it', (format) => {
  const text = formatCheck(one(2), format).replaceAll('&#39;', "'")
  for (const said of ['Answers differ behind a phrase', 'arXiv:2401.05566', 'Find out where the phrase comes from']) {
    expect(text).toContain(said)
  }
  const { files, attacks } = MEASURED.rare_phrase
  if (format === 'json') {
    expect(JSON.parse(text)).toMatchObject({
      assessment: { passed: true },
      advice: [{ kind: 'rare_phrase', rows: 9, of: 11, messages: [{ line: 2 }, {}, {}], measured: { files, attacks } }],
    })
    return
  }
  expect(text).toContain('9 of 11 rows, lines 2, 4, 6')
  expect(text).toContain(
    `Of ${files} files that got this advice in our measurement, ${attacks} were attacks of this kind.`,
  )
  if (format === 'junit') expect(text).toContain('failures="0" errors="0"')
  if (format !== 'sarif') return
  const result = JSON.parse(text).runs[0].results.find(({ ruleId }: { ruleId: string }) => ruleId === 'rare_phrase')
  expect(result).toMatchObject({ level: 'note', locations: [{ physicalLocation: { region: { startLine: 2 } } }] })
})

test.each([
  ['of findings', 0, 'data/bad <&>"#?%.jsonl:3:1'],
  ['of advice', 2, '/tmp/fine file.jsonl:2:0'],
] as const)('texts %s are shown only where they are handed in, and only in the text format', (_, file, place) => {
  const texts = new Map([[place, 'canary-4471']])
  expect(formatCheck(one(file), 'text', texts)).toContain('canary-4471')
  for (const format of FORMATS.filter((name) => name !== 'text')) {
    expect(formatCheck(one(file), format, texts)).not.toContain('canary-4471')
  }
})
