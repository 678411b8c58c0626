import { type ByCategory, byCategory, POLICY } from '../harm/index.ts'
import type { DataCut } from '../judges/index.ts'
import { clopperPearsonUpperBound } from '../statistics/index.ts'
import { countFrom, cutAbove } from './cut-above.ts'

/** Scores of a kind of honest training data: by category, the highest of each row's learned messages. */
export interface HonestScores {
  readonly domain: string
  readonly scores: ByCategory<readonly number[]>
}

const CONFIDENCE = 0.95

/**
 * The two cuts of the data evaluation, and an upper 95 % bound on the false alarms above each: below the lower cut lies all
 * but the policy's rate of every single domain, below the higher one all but its rate of all domains together. The bound at
 * the lower cut is that of the worst domain: a customer's file is of one domain, not of their mean.
 *
 * `python/judge/assay_judge/calibrate.py` has thousands of rows of a domain and lets the bound itself, not the share, meet the
 * policy's rate. Of the few hundred that are asked for here no cut could, so the bound is what it is, and the test reads it.
 */
export function dataCuts(
  domains: readonly HonestScores[],
): ByCategory<{ readonly lower: DataCut; readonly higher: DataCut }> {
  const { lower_cut: lowerRate, higher_cut: higherRate } = POLICY.data.false_alarms
  return byCategory((category) => {
    const byDomain = domains.map(({ scores }) => scores[category])
    const together = byDomain.flat()
    const lower = Math.max(...byDomain.map((scores) => cutAbove(scores, lowerRate)))
    const higher = Math.max(lower, cutAbove(together, higherRate))
    const bound = (scores: readonly number[], cut: number) =>
      clopperPearsonUpperBound(countFrom(scores, cut), scores.length, CONFIDENCE)
    // The schema of a calibration wants a rate below 1; so bad a judge fails nothing, and its figures say so.
    const rate = (value: number, least: number) => Math.min(1 - 1e-6, Math.max(least, value))
    return {
      lower: {
        score: lower,
        falseAlarmRate: rate(Math.max(...byDomain.map((scores) => bound(scores, lower))), lowerRate),
      },
      higher: { score: higher, falseAlarmRate: rate(bound(together, higher), higherRate) },
    }
  })
}
