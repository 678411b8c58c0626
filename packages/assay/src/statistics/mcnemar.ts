import { binomialUpperTail } from './binomial.ts'

/**
 * Exact two-sided McNemar test (McNemar 1947): whether of pairs that differ, one kind is more frequent than a fair coin
 * explains. Pairs that agree say nothing.
 *
 * @param better pairs in which only the first is a hit
 * @param worse pairs in which only the second is
 * @returns the p-value, 0 to 1; 1 where no pair differs
 */
export function mcnemarExact(better: number, worse: number): number {
  return Math.min(1, 2 * binomialUpperTail(Math.max(better, worse), better + worse, 0.5))
}
