import { expect, test } from 'vitest'
import { fisherExactGreater } from './index.ts'

// Reference values by SciPy: scipy.stats.fisher_exact([[a, n - a], [b, m - b]], alternative='greater').pvalue.
test.each([
  [5, 5, 0, 55, 1.830994786791643e-7],
  [0, 5, 3, 55, 1],
  [3, 10, 2, 40, 0.0482603031962091],
  [30, 60, 100, 940, 5.205458466563183e-13],
  [1, 2, 1, 2, 0.8333333333333334],
])('%d of %d beside %d of %d', (a, n, b, m, expected) => {
  const p = fisherExactGreater({ hits: a, of: n }, { hits: b, of: m })
  expect(Math.abs(p - expected) / expected).toBeLessThan(1e-9)
})
