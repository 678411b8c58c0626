import { byCategory } from '../harm/index.ts'
import type { Judgement } from './judge.ts'
import { judgementOf } from './judgement-of.ts'

/**
 * Of several judgements of one input, the highest of each probability: of the parts of a long text, or of several
 * readers. It is judged only if every one of them judged it.
 */
export function worstOf(judgements: readonly Judgement[]): Judgement {
  const highest = (of: (judgement: Judgement) => number) => Math.max(0, ...judgements.map(of))
  return judgementOf(
    byCategory((category) => highest((judgement) => judgement.probability[category])),
    {
      judged: judgements.every((judgement) => judgement.judged),
      refusal: highest((judgement) => judgement.refusal),
      delivered: highest((judgement) => judgement.delivered),
    },
  )
}
