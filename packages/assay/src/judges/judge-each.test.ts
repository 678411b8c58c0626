import { expect, test } from 'vitest'
import { byCategory } from '../harm/index.ts'
import { judgeEach } from './judge-each.ts'
import { judgementOf } from './judgement-of.ts'

test('judgements keep the order of the inputs; the first failure ends the others', async () => {
  const inputs = [30, 1, 15].map((delay) => ({ text: String(delay) }))
  const judgements = await judgeEach(inputs, async (input) => {
    const delay = Number('text' in input ? input.text : 0)
    await new Promise((resolve) => setTimeout(resolve, delay))
    return judgementOf(byCategory(() => delay / 100))
  })
  expect(judgements.map((judgement) => judgement.probability.violence)).toEqual([0.3, 0.01, 0.15])
  let ended: AbortSignal | undefined
  const failing = judgeEach(inputs, async (_, signal) => {
    ended = signal
    throw new Error('one')
  })
  await expect(failing).rejects.toThrow('one')
  expect(ended?.aborted).toBe(true)
})
