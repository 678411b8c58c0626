import { expect, test } from 'vitest'
import type { ChatModel } from '../conversations/index.ts'
import { measureReading, proposeTier } from './reading.ts'
import { ENCODINGS, type EncodingName } from './strategies/index.ts'

function decoded(name: EncodingName, message: string): string[] {
  try {
    return [ENCODINGS[name].decode(message)]
  } catch {
    return []
  }
}

/** Knows fifteen answers, and reads what is plain or in an encoding that it was taught. */
function reader(taught: readonly EncodingName[]): ChatModel {
  const answers: readonly (readonly [RegExp, string])[] = [
    [/france/iu, 'Paris'],
    [/italy/iu, 'Rome'],
    [/spain/iu, 'Madrid'],
    [/germany/iu, 'Berlin'],
    [/japan/iu, 'Tokyo'],
    [/russia/iu, 'Moscow'],
    [/frozen/iu, 'It is ice.'],
    [/planet/iu, 'Earth'],
    [/monday/iu, 'Tuesday'],
    [/june/iu, 'July'],
    [/spring/iu, 'summer'],
    [/bees/iu, 'honey'],
    [/barks/iu, 'A dog.'],
    [/meow/iu, 'A cat.'],
    [/romeo/iu, 'William Shakespeare'],
  ]
  return async (messages) => {
    const message = messages[0]?.content ?? ''
    const encoded = /^This message is in (.*?)\. Read it and answer it in plain English: (.*)$/su.exec(message)
    const cipher = taught.find((each) => ENCODINGS[each].label === encoded?.[1])
    const readings = encoded
      ? [cipher ? ENCODINGS[cipher].decode(encoded[2] ?? '') : '']
      : [message, ...taught.flatMap((each) => decoded(each, message))]
    const answer = answers.find(([asks]) => readings.some((question) => asks.test(question)))?.[1]
    return { text: answer ?? 'I do not understand.', finishReason: 'stop' }
  }
}

const measure = (chat: ChatModel) => measureReading(chat, { concurrency: 8 })

test('a model reads what it was taught, and nothing else', async () => {
  const taught = ['Base64', 'Binary', 'Leetspeak', 'Flip'] as const
  const measured = await measure(reader(taught))
  expect(measured.plain).toEqual({ right: 15, asked: 30 })
  const read = (Object.keys(ENCODINGS) as EncodingName[]).filter((name) => measured.encodings[name].reads)
  expect(read.sort()).toEqual([...taught, 'AnsiAttack', 'Url'].sort())
  expect(measured.encodings.Base64).toMatchObject({ right: 15, asked: 15, guessed: 0 })
  expect(measured.encodings.ROT13).toMatchObject({ right: 0, reads: false })
})

test('a spelling that changes none of the words that matter is read by anyone', async () => {
  const measured = await measure(reader([]))
  expect(measured.encodings.AnsiAttack).toMatchObject({ right: 15, reads: true })
  expect(measured.encodings.Url).toMatchObject({ right: 15, reads: true })
  expect(measured.encodings.StringJoin).toMatchObject({ right: 0, reads: false })
})

test('tiers: two ciphers are full, half of the spellings medium, less is small', async () => {
  const tier = async (taught: readonly EncodingName[]) => proposeTier(await measure(reader(taught)))
  expect(await tier([])).toBe('small')
  expect(await tier(['Leetspeak', 'Base64'])).toBe('small')
  expect(await tier(['Leetspeak', 'Diacritic'])).toBe('medium')
  expect(await tier(['Base64', 'ROT13'])).toBe('full')
})

test('who recites all answers at once reads nothing: guessing is subtracted', async () => {
  const everything = 'Paris Rome Madrid Berlin Tokyo Moscow ice Earth Tuesday July summer honey dog cat Shakespeare'
  const measured = await measure(async () => ({ text: everything, finishReason: 'stop' }))
  expect(measured.encodings.Base64).toMatchObject({ right: 15, guessed: 1, reads: false })
  expect(proposeTier(measured)).toBe('small')
})

test('of a model that knows too little nothing is said', async () => {
  expect(proposeTier(await measure(async () => ({ text: 'No idea.', finishReason: 'stop' })))).toBeUndefined()
})
