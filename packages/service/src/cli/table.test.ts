import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { table } from './table.ts'

const lines = (text: string) => text.trimEnd().split('\n')

describe('a table', () => {
  const head = ['ID', 'NAME', 'MODEL']
  const rows = [
    ['ftjob-0123456789', 'a name that is long enough to be cut', 'smollm2-135m-aligned'],
    ['ftjob-9', '', '日本語のモデル'],
  ]

  test('is as wide as its text where there is no terminal', () => {
    expect(lines(table(head, rows).text)).toEqual([
      'ID                NAME                                  MODEL',
      'ftjob-0123456789  a name that is long enough to be cut  smollm2-135m-aligned',
      'ftjob-9                                                 日本語のモデル',
    ])
  })

  test('gives up the widest column first, and what a row is called by last', () => {
    expect(lines(table(head, rows, 60).text)).toEqual([
      'ID                NAME                  MODEL',
      'ftjob-0123456789  a name that is long…  smollm2-135m-aligned',
      'ftjob-9                                 日本語のモデル',
    ])
  })

  test('leaves out what has no room, and says so', () => {
    const { text, leftOut } = table(head, rows, 34)
    expect(lines(text)).toEqual(['ID                NAME           …', 'ftjob-0123456789  a name that …', 'ftjob-9'])
    expect(leftOut).toEqual(['MODEL'])
  })

  test('never cuts what a row is called by, however narrow the terminal', () => {
    for (const width of [16, 12, 1]) {
      const { text, leftOut } = table(head, rows, width)
      expect(lines(text)).toEqual(['ID', 'ftjob-0123456789', 'ftjob-9'])
      expect(leftOut).toEqual(['NAME', 'MODEL'])
    }
  })

  test('is never wider than the terminal or what its rows are called by, in any script', () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.constantFrom('漢字'.repeat(12), '👩‍👩‍👧'.repeat(9)),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 8, max: 120 }),
        (cells, width) => {
          const clean = cells.map((row) => row.map((text) => text.replace(/\p{Cc}/gu, ' ')))
          const first = Math.max(...clean.map(([name]) => stringWidth(name ?? '')))
          for (const line of table(['A', 'B', 'C'], clean, width).text.split('\n')) {
            expect(stringWidth(line)).toBeLessThanOrEqual(Math.max(width, first))
          }
        },
      ),
    )
  })
})
