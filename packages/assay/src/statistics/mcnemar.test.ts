import { expect, test } from 'vitest'
import { mcnemarExact } from './index.ts'

// Reference values by SciPy: scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue.
test.each([
  [0, 0, 1],
  [1, 1, 1],
  [0, 5, 0.0625],
  [5, 0, 0.0625],
  [2, 12, 0.012939453125],
  [10, 30, 0.0022214337732],
])('%d better and %d worse', (better, worse, expected) => {
  expect(mcnemarExact(better, worse)).toBeCloseTo(expected, 9)
})
