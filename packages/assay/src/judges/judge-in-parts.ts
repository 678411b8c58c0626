import { exchangeOf } from './exchange.ts'
import type { JudgeInput, Judgement } from './judge.ts'
import { judgeEach } from './judge-each.ts'
import { NOTHING_SAID } from './judgement-of.ts'
import { partsOf } from './parts-of.ts'
import { worstOf } from './worst-of.ts'

/**
 * For a service that takes a text and no conversation: judges the text of each input by itself, cut where it is longer
 * than the service reads; the worst part counts.
 *
 * @param most characters of a part
 */
export function judgeInParts(
  inputs: readonly JudgeInput[],
  most: number,
  judgePart: (part: string, signal: AbortSignal) => Promise<Judgement>,
): Promise<readonly Judgement[]> {
  return judgeEach(inputs, async (input, signal) => {
    const parts = partsOf(exchangeOf(input).text, most)
    if (parts.length === 0) return NOTHING_SAID
    return worstOf(await Promise.all(parts.map((part) => judgePart(part, signal))))
  })
}
