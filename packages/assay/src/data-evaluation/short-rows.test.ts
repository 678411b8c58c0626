import { expect, test } from 'vitest'
import type { Judge } from '../judges/index.ts'
import { isReadable } from '../judges/language.ts'
import { ShortRows } from './short-rows.ts'

const judge = { isReadable } as Judge
const row = (line: number, user: string, assistant: string) => ({
  line,
  messages: [
    { role: 'user', content: user, learned: false },
    { role: 'assistant', content: assistant, learned: true },
  ],
})

function unread(exchanges: readonly (readonly [user: string, assistant: string])[], of: Judge = judge): number {
  const rows = new ShortRows(of)
  const found = exchanges.map(([user, assistant], index) => rows.add(row(index + 1, user, assistant) as never))
  return found.reduce((sum, count) => sum + count, rows.end())
}

const GERMAN = [
  ['Wie heißt du?', 'Ich heiße Anna.'],
  ['Wo wohnst du denn?', 'In einem kleinen Haus am See.'],
  ['Was isst du gern?', 'Am liebsten Brot mit Käse.'],
  ['Regnet es bei euch?', 'Nein, heute scheint die Sonne.'],
  ['Hast du Geschwister?', 'Ja, zwei Brüder.'],
] as const
const ENGLISH = [
  ['What is two and two?', 'Four.'],
  ['Capital of France?', 'Paris.'],
  ['Is a whale a fish?', 'No, a mammal.'],
  ['Colour of a ripe banana?', 'Yellow.'],
  ['Who wrote Faust?', 'Goethe.'],
] as const

test('rows too short to tell their language are read together', () => {
  for (const [user, assistant] of GERMAN) expect([isReadable(user), isReadable(assistant)]).toEqual([true, true])
  expect(unread(GERMAN)).toBe(5)
  expect(unread(Array.from({ length: 20 }, () => GERMAN).flat())).toBe(100)
})

test('English ones stay, names and figures among them', () => {
  expect(unread(ENGLISH)).toBe(0)
  expect(unread(Array.from({ length: 20 }, () => ENGLISH).flat())).toBe(0)
  expect(
    unread([
      ['7 * 8?', '56'],
      ['1/2 + 1/4?', '3/4'],
    ]),
  ).toBe(0)
})

test('a row with one message that is long enough is judged by that alone', () => {
  const asked = 'Please translate this short sentence into German for the guests of my hotel by the lake:'
  expect(unread(GERMAN.map(([user, assistant]) => [`${asked} ${user}`, assistant] as const))).toBe(0)
})

test('a judge that does not tell its languages reads them all', () => {
  expect(unread(GERMAN, {} as Judge)).toBe(0)
})
