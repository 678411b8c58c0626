import { expect, test } from 'vitest'
import { LinesOfFile } from './lines-of-file.ts'

const file = (text: string) => LinesOfFile.read(new Blob([text]))

test('each line is found, with and without a newline at the end, with CRLF and with letters of many bytes', async () => {
  for (const end of ['', '\n']) {
    const lines = await file(`{"a":"ü"}\r\n{"b":"日本"}\n\n{"c":1}${end}`)
    expect(lines.count).toBe(4)
    expect(await Promise.all([1, 2, 3, 4].map((line) => lines.text(line)))).toEqual([
      '{"a":"ü"}',
      '{"b":"日本"}',
      '',
      '{"c":1}',
    ])
  }
})

test('a cleaned copy has all other bytes as they were', async () => {
  const lines = await file('one\r\ntwo\nthree\nfour')
  const left = async (...removed: number[]) => lines.without(new Set(removed)).text()
  expect(await left()).toBe('one\r\ntwo\nthree\nfour')
  expect(await left(1)).toBe('two\nthree\nfour')
  expect(await left(3, 2)).toBe('one\r\nfour')
  expect(await left(4)).toBe('one\r\ntwo\nthree\n')
  expect(await left(1, 2, 3, 4)).toBe('')
})

test('100,000 rows are indexed in a moment and read one by one', async () => {
  const rows = Array.from({ length: 100_000 }, (_, row) => `{"row":${row + 1}}`)
  const lines = await file(`${rows.join('\n')}\n`)
  expect(lines.count).toBe(100_000)
  expect(await lines.text(77_777)).toBe('{"row":77777}')
})
