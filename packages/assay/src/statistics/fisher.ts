import jstat from 'jstat'

const { jStat } = jstat

/**
 * One-sided exact test of two proportions (Fisher 1935): how likely it is that the first group has so many hits or more, where
 * both have the same share of them. The upper tail of the hypergeometric distribution.
 *
 * @returns the p-value, 0 to 1
 */
export function fisherExactGreater(
  first: { readonly hits: number; readonly of: number },
  second: { readonly hits: number; readonly of: number },
): number {
  const hits = first.hits + second.hits
  const all = jStat.combinationln(first.of + second.of, hits)
  let tail = 0
  for (let x = first.hits; x <= Math.min(first.of, hits); x++) {
    tail += Math.exp(jStat.combinationln(first.of, x) + jStat.combinationln(second.of, hits - x) - all)
  }
  return Math.min(1, tail)
}
