import { byCategory } from '../../harm/index.ts'
import { digestOf } from '../digest-of.ts'
import type { Judgement, Reader } from '../judge.ts'
import { judgementOf } from '../judgement-of.ts'
import { worstOf } from '../worst-of.ts'
import { isReadableTo, judgementsOf } from './judgements-of.ts'

/** A reader and how much its probability counts, relative to the others; above 0. */
export interface Weighted {
  readonly reader: Reader
  readonly weight: number
}

/**
 * The weighted mean of the readers' probabilities. Refusal and delivery are the highest of any reader: those that do not
 * tell them say 0, and would pull a mean down.
 */
export function weighted(parts: readonly Weighted[]): Reader {
  const readers = parts.map((part) => part.reader)
  const whole = parts.reduce((sum, part) => sum + part.weight, 0)
  const combine = (judgements: readonly Judgement[]): Judgement => {
    const mean = byCategory((category) => {
      const sum = judgements.reduce(
        (total, judgement, index) => total + judgement.probability[category] * (parts[index]?.weight ?? 0),
        0,
      )
      return Math.min(1, sum / whole)
    })
    return judgementOf(mean, worstOf(judgements))
  }
  return {
    name: `weighted(${parts.map(({ reader, weight }) => `${weight} ${reader.name}`).join(',')})`,
    digest: digestOf({
      judge: 'weighted',
      of: parts.map(({ reader, weight }) => ({ weight, reader: reader.digest })),
    }),
    judge: async (inputs) => (await judgementsOf(readers, inputs)).map(combine),
    isReadable: (text) => isReadableTo(readers, text),
    close: async () => {
      await Promise.all(readers.map((reader) => reader.close()))
    },
  }
}
