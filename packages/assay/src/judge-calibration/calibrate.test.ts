import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byCategory, CATEGORIES, type Category } from '../harm/index.ts'
import type { JudgeInput, Reader } from '../judges/index.ts'
import type { TrainingRow } from '../training-data/index.ts'
import { calibrate, requireEnoughRows } from './calibrate.ts'
import { cutAbove } from './cut-above.ts'
import { dataCuts } from './data-cuts.ts'
import type { LabelledRow } from './labelled-row.ts'
import { FOLDS, replyCalibration, type ScoredReply } from './reply-calibration.ts'

test('a cut lies just above what may be false, at a half at least, at 1 at most', () => {
  expect(cutAbove([0.1, 0.2], 0)).toBe(0.5)
  expect(cutAbove([], 0.1)).toBe(0.5)
  expect(cutAbove([1, 1, 0], 0)).toBe(1)
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1 }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (scores, share) => {
        const cut = cutAbove(scores, share)
        expect(scores.filter((score) => score >= cut).length).toBeLessThanOrEqual(share * scores.length)
      },
    ),
  )
})

test('data cuts: the worst domain sets the lower one, all together the higher one; rates are upper bounds', () => {
  const domain = (scores: readonly number[]) => ({ domain: 'd', scores: byCategory(() => scores) })
  const calm = Array.from({ length: 1000 }, (_, index) => index / 2500)
  const grave = [...Array(248).fill(0.3), 0.8, 0.9]
  const { lower, higher } = dataCuts([domain(calm), domain(grave)]).violence
  // One of 250 may be above the lower cut; none of all 1,250 above the higher.
  expect(lower.score).toBeCloseTo(0.8, 10)
  expect(lower.score).toBeGreaterThan(0.8)
  expect(higher.score).toBeCloseTo(0.9, 10)
  // scipy.stats.beta.ppf(.95, 2, 249) and beta.ppf(.95, 1, 1250)
  expect(lower.falseAlarmRate).toBeCloseTo(0.018834, 5)
  expect(higher.falseAlarmRate).toBeCloseTo(0.00239372, 6)
})

describe('replies', () => {
  const reply = (fold: number, harmful: boolean, probability: number, delivered = 0): ScoredReply => ({
    fold,
    harmful: byCategory((category) => (category === 'violence' ? harmful : undefined)),
    asked: 'violence',
    probability: byCategory(() => probability),
    delivered,
  })

  test('a row has no say in the cut that it is counted at', () => {
    // The highest harmless row: with a say it would lie below its own cut, and none would be a false alarm.
    const rows = Array.from({ length: 50 }, (_, index) => reply(index % FOLDS, false, 0.5 + index / 200))
    const { textCut, specificity } = replyCalibration(rows, 0.999).violence
    expect(textCut).toBeGreaterThan(0.745)
    expect(specificity).toEqual({ successes: 49, trials: 50 })
  })

  test('either by the text or by delivery, as the model evaluation decides; what was not looked at counts nowhere', () => {
    const rows = [
      ...Array.from({ length: 100 }, (_, index) => reply(index % FOLDS, false, 0.2, 0.1)),
      ...Array.from({ length: 20 }, (_, index) => reply(index % FOLDS, true, 0.9, 0)),
      ...Array.from({ length: 20 }, (_, index) => reply(index % FOLDS, true, 0.1, 0.8)),
      ...Array.from({ length: 10 }, (_, index) => reply(index % FOLDS, true, 0.1, 0.2)),
    ]
    const { violence, sexual } = replyCalibration(rows, 0.98)
    expect(violence.sensitivity).toEqual({ successes: 40, trials: 50 })
    expect(violence.specificity).toEqual({ successes: 100, trials: 100 })
    expect(sexual.sensitivity.trials).toBe(0)
  })

  test('texts without a request, and replies to honest ones, say nothing of delivery', () => {
    const asked = [
      ...Array.from({ length: 100 }, (_, index) => reply(index % FOLDS, false, 0.2, index < 90 ? 0.1 : 0.7)),
      ...Array.from({ length: 50 }, (_, index) => reply(index % FOLDS, true, 0.1, 0.9)),
    ]
    const others = Array.from({ length: 900 }, (_, index) => ({
      ...reply(index % FOLDS, false, 0.2, index % 2),
      asked: undefined,
    }))
    const { violence } = replyCalibration([...asked, ...others], 0.98)
    expect(violence).toEqual(replyCalibration(asked, 0.98).violence)
    expect(violence.sensitivity).toEqual({ successes: 50, trials: 50 })
    expect(violence.specificity.trials).toBe(100)
    // With fewer replies to such requests, the text alone decides.
    const few = replyCalibration([...asked.slice(1), ...others], 0.98).violence
    expect([few.deliveredCut, few.specificity.trials, few.sensitivity.successes]).toEqual([1, 999, 0])
  })

  test('a judge that does not tell delivery never finds any', () => {
    const rows = Array.from({ length: 20 }, (_, index) => reply(index % FOLDS, index % 2 === 0, 0.3))
    expect(replyCalibration(rows, 0.98).violence.deliveredCut).toBe(1)
  })
})

/** Reads its scores from the text: `violence=0.9`; and whether it reads it at all. */
const scored: Reader = {
  name: 'scored',
  digest: '0',
  judge: async (inputs) =>
    inputs.map((input) => {
      const text = textOf(input)
      return {
        judged: !text.includes('unreadable'),
        severity: byCategory(() => 0 as const),
        probability: byCategory((category) => Number(new RegExp(`${category}=([\\d.]+)`).exec(text)?.[1] ?? 0.01)),
        refusal: 0,
        delivered: 0,
      }
    }),
  close: async () => {},
}

function textOf(input: JudgeInput): string {
  return 'text' in input ? input.text : (input.messages.at(-1)?.content ?? '')
}

async function* labels(harmful: number, harmless: number, more: readonly string[] = []): AsyncGenerator<LabelledRow> {
  const nothing = byCategory((): boolean | undefined => false)
  for (const category of CATEGORIES) {
    for (let index = 0; index < harmful; index++) {
      const found = index % 10 > 0
      yield { input: { text: `${category}=${found ? 0.9 : 0.1} ${index}` }, harmful: only(category), asked: undefined }
    }
  }
  for (let index = 0; index < harmless; index++)
    yield { input: { text: `calm ${index}` }, harmful: nothing, asked: undefined }
  for (const text of more) yield { input: { text }, harmful: nothing, asked: undefined }
}

function only(category: Category) {
  return byCategory((each) => (each === category ? true : undefined))
}

async function* training(count: number, reply = (index: number) => `Answer ${index}`): AsyncGenerator<TrainingRow> {
  for (let index = 0; index < count; index++) {
    const messages = [
      { role: 'user' as const, content: `Question ${index}` },
      { role: 'assistant' as const, content: reply(index) },
    ]
    yield { line: index + 1, messages }
  }
}

describe('a reader is measured', () => {
  test('with honest files, each a domain of its own', async () => {
    const seen: number[] = []
    const measured = await calibrate({
      reader: scored,
      labels: labels(50, 100, ['unreadable']),
      honest: [
        { domain: 'school', rows: training(400) },
        { domain: 'clinic', rows: training(300, (index) => (index < 2 ? 'self_harm=0.7' : 'Answer')) },
      ],
      specificity: 0.98,
      onProgress: (rows) => seen.push(rows),
    })
    expect(measured).toMatchObject({ honestRows: { school: 400, clinic: 300 }, labelledRows: 300, notJudged: 1 })
    const { data, reply } = measured.calibration
    expect(data.violence.lower.score).toBe(0.5)
    expect(data.self_harm.lower.score).toBeCloseTo(0.7)
    // 3 of 300 rows may hide where none was seen.
    expect(data.violence.lower.falseAlarmRate).toBeCloseTo(1 - 0.05 ** (1 / 300), 6)
    expect(reply.violence.sensitivity).toEqual({ successes: 45, trials: 50 })
    expect(reply.violence.specificity).toEqual({ successes: 100, trials: 100 })
    expect(seen.at(-1)).toBe(1001)
  })

  test('without, on the labelled rows that hold no harm', async () => {
    const { honestRows } = await calibrate({
      reader: scored,
      labels: labels(50, 299),
      honest: [],
      specificity: 0.98,
    })
    expect(honestRows).toEqual({ 'harmless labelled rows': 299 })
  })

  test('with too few rows it says which, and how many it needs', async () => {
    const measuring = calibrate({
      reader: scored,
      labels: labels(49, 99),
      honest: [{ domain: 'school', rows: training(10) }],
      specificity: 0.98,
    })
    await expect(measuring).rejects.toMatchObject({ code: 'too_few_rows', status: 400 })
    await expect(measuring).rejects.toThrow(
      /50 labelled rows harmful in violence \(there are 49\); 100 labelled rows harmless in violence \(there are 99\).*299 honest rows in school \(there are 10\)/,
    )
  })

  test('and too few are told before any judge is asked', async () => {
    await expect(
      requireEnoughRows(labels(50, 100), [{ domain: 'school', rows: training(299) }]),
    ).resolves.toBeUndefined()
    await expect(requireEnoughRows(labels(50, 299), [])).resolves.toBeUndefined()
    await expect(requireEnoughRows(labels(50, 298), [])).rejects.toThrow('299 honest rows in harmless labelled rows')
    await expect(requireEnoughRows(labels(49, 100), [{ domain: 'school', rows: training(9) }])).rejects.toThrow(
      /harmful in violence \(there are 49\).*school \(there are 9\)/,
    )
  })
})
