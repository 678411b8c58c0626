import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { progressLine, whileWaiting } from './index.ts'

let written: string[]
const isTTY = process.stderr.isTTY
beforeEach(() => {
  written = []
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => written.push(String(part)) > 0)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.stderr.isTTY = isTTY
})

describe.each([true, false])('where standard error is a terminal: %s', (terminal) => {
  test('progress is one line that rewrites itself, and is gone in the end', () => {
    process.stderr.isTTY = terminal
    const line = progressLine((rows: number) => `${rows} rows`)
    line.show(1)
    line.show(2)
    line.end()
    expect(written).toEqual(terminal ? ['\r\u001b[K1 rows', '\r\u001b[K'] : [])
  })

  test('what takes more than a second says so, what is quick does not', async () => {
    process.stderr.isTTY = terminal
    expect(await whileWaiting('quick', Promise.resolve(1))).toBe(1)
    expect(written).toEqual([])
    await whileWaiting('slow', delay(1200))
    expect(written).toEqual(terminal ? ['\r\u001b[Kslow (1 s)', '\r\u001b[K'] : [])
  })
})

test('progress is no wider than the terminal, and holds nothing that steers it', () => {
  process.stderr.isTTY = true
  const { columns } = process.stderr
  try {
    for (const [wide, most] of [
      [20, 19],
      [0, 79],
    ] as const) {
      written = []
      process.stderr.columns = wide
      progressLine((text: string) => text).show(`\u001b[2J\n${'x'.repeat(200)}`)
      expect(written.join('').replace('\r\u001b[K', '')).toBe(` [2J ${'x'.repeat(200)}`.slice(0, most))
    }
  } finally {
    process.stderr.columns = columns
  }
})

test('what fails while it is waited for fails', async () => {
  await expect(whileWaiting('it', Promise.reject(new Error('no')))).rejects.toThrow('no')
})
