import fc from 'fast-check'
import { expect, test } from 'vitest'
import { pieceOf } from './piece-of.ts'

/** The pieces of a text that is written in these strokes; what waits at the end is the last one. */
function piecesOf(strokes: readonly string[]): string[] {
  const pieces: string[] = []
  let waiting = ''
  let before = 0
  for (const stroke of strokes) {
    waiting += stroke
    const length = pieceOf(waiting, before)
    if (length === 0) continue
    pieces.push(waiting.slice(0, length))
    before += length
    waiting = waiting.slice(length)
  }
  return [...pieces, waiting]
}

const SENTENCE = 'The harbour was quiet, and pi is 3.14 or so. '

test('pieces end with sentences, and not within a number', () => {
  const pieces = piecesOf(SENTENCE.repeat(40).match(/\S+\s*/g) ?? [])
  expect(pieces.length).toBeGreaterThan(5)
  for (const piece of pieces.slice(0, -1)) expect(piece).toMatch(/so\. $/)
})

test('pieces grow with the text, so that little is judged many times over', () => {
  const lengths = piecesOf(SENTENCE.repeat(200).match(/\S+\s*/g) ?? []).map((piece) => piece.length)
  expect(lengths[0]).toBeLessThan(150)
  expect(Math.max(...lengths)).toBeLessThan(500)
  expect(lengths.length).toBeLessThan(35)
})

test('a text without sentences is cut between words, and one without words all the same', () => {
  for (const piece of piecesOf('word '.repeat(400).match(/\S+\s*/g) ?? []).slice(0, -1)) expect(piece).toMatch(/word $/)
  expect(piecesOf(Array.from({ length: 1000 }, () => 'x')).length).toBeGreaterThan(2)
})

test('the pieces of any text are the text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '.', '\n', '。', '"', 'né') })), (strokes) => {
      expect(piecesOf(strokes).join('')).toBe(strokes.join(''))
    }),
  )
})
