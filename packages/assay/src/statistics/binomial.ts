import jstat from 'jstat'

const { jStat } = jstat

/**
 * P(X ≥ successes) for X binomial with `trials` and `rate`: the p-value of a one-sided binomial test.
 * By the regularized incomplete beta function, I_rate(successes, trials − successes + 1) (DLMF 8.17.5).
 */
export function binomialUpperTail(successes: number, trials: number, rate: number): number {
  if (successes <= 0) return 1
  if (successes > trials) return 0
  return jStat.ibeta(rate, successes, trials - successes + 1)
}

/**
 * Central credible interval of a proportion under Jeffreys' prior, Beta(½, ½) (Brown, Cai, DasGupta 2001).
 *
 * @param mass probability inside, 0 to 1
 */
export function jeffreysInterval(
  successes: number,
  trials: number,
  mass: number,
): readonly [low: number, high: number] {
  const tail = (1 - mass) / 2
  const a = successes + 0.5
  const b = trials - successes + 0.5
  return [jStat.beta.inv(tail, a, b), jStat.beta.inv(1 - tail, a, b)]
}

/**
 * Upper bound of a proportion, one-sided (Clopper and Pearson 1934): beta.ppf(confidence, successes + 1, trials − successes).
 *
 * @param confidence 0 to 1
 */
export function clopperPearsonUpperBound(successes: number, trials: number, confidence: number): number {
  if (successes >= trials) return 1
  return jStat.beta.inv(confidence, successes + 1, trials - successes)
}
