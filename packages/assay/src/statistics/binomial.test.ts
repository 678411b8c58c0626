import { expect, test } from 'vitest'
import { binomialUpperTail, clopperPearsonUpperBound, jeffreysInterval } from './index.ts'

// Reference values by SciPy 1.17: scipy.stats.binom.sf(k - 1, n, p) and scipy.stats.beta.ppf.
test.each([
  [2, 10, 0.001, 4.476063e-5],
  [3, 1000, 0.001, 0.080209342840201],
  [8, 1000, 0.001, 1.003187061e-5],
  [4, 1010, 0.0002, 5.874063091e-5],
  [0, 10, 0.001, 1],
  [10, 10, 0.5, 0.0009765625],
])('P(X ≥ %d) of %d at %d', (successes, trials, rate, expected) => {
  expect(binomialUpperTail(successes, trials, rate) / expected).toBeCloseTo(1, 3)
})

test.each([
  [600, 600, 0.5, 0.9988983136, 0.9999154295],
  [240, 300, 0.5, 0.783798002, 0.814929549],
  [0, 20, 0.95, 2.42464784e-5, 0.116638983],
])('Jeffreys interval of %d in %d', (successes, trials, mass, low, high) => {
  const interval = jeffreysInterval(successes, trials, mass)
  expect(interval[0]).toBeCloseTo(low, 4)
  expect(interval[1]).toBeCloseTo(high, 4)
})

test.each([
  [0, 299, 0.95, 0.009969065783],
  [3, 1000, 0.95, 0.007735388868],
  [5, 5, 0.95, 1],
])('Clopper and Pearson, upper bound of %d in %d', (successes, trials, confidence, expected) => {
  expect(clopperPearsonUpperBound(successes, trials, confidence)).toBeCloseTo(expected, 6)
})
