import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Draws that a seed fixes. */
export interface Random {
  /** A whole number from 0 to `below` − 1. */
  integer(below: number): number
  /** 0 ≤ x < 1. */
  fraction(): number
  pick<Value>(values: readonly Value[]): Value
}

/** One independent stream a place in the evaluation: the same seed and place give the same draws. */
export function randomAt(seed: number, ...place: readonly number[]): Random {
  let mixed = seed | 0
  for (const part of place) mixed = Math.imul(mixed ^ part, 0x9e3779b1) ^ (mixed >>> 15)
  const generator = xoroshiro128plus(mixed)
  const integer = (below: number) => uniformInt(generator, 0, below - 1)
  return {
    integer,
    fraction: () => uniformFloat64(generator),
    pick: (values) => {
      if (values.length === 0) throw new RangeError('nothing to pick from')
      return values[integer(values.length)] as (typeof values)[number]
    },
  }
}
