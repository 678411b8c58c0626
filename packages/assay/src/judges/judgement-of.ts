import { type ByCategory, byCategory } from '../harm/index.ts'
import type { Judgement } from './judge.ts'
import { severityOf } from './severity-of.ts'

/** A judgement with the severities that belong to its probabilities; what is left out is 0, unknown. */
export function judgementOf(
  probability: ByCategory<number>,
  known: { readonly judged?: boolean; readonly refusal?: number; readonly delivered?: number } = {},
): Judgement {
  return {
    judged: known.judged ?? true,
    severity: byCategory((category) => severityOf(probability[category])),
    probability,
    refusal: known.refusal ?? 0,
    delivered: known.delivered ?? 0,
  }
}

/** Of an empty text. Services refuse to read one. */
export const NOTHING_SAID: Judgement = judgementOf(byCategory(() => 0))
