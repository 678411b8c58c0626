import { expect, test } from 'vitest'
import { rounded, trainingPrice } from './price.ts'

test('a price has no more digits than a token can cost', () => {
  expect(trainingPrice('smollm2-135m-aligned', 43_269)).toBe(0.0173076)
  expect(trainingPrice('smollm2-135m-aligned', 1)).toBe(0.0000004)
  expect(rounded(0.1 + 0.2)).toBe(0.3)
  expect(trainingPrice('unknown', 1000)).toBe(0)
})
