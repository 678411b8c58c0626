import { expect, test } from 'vitest'
import { yesNoJudge as judge } from '../../../../tests/yes-no-judge.ts'
import type { ChatModel, Message } from '../conversations/index.ts'
import type { PhrasePlace } from '../data-advice/index.ts'
import { withPhrase } from './placed-phrase.ts'
import { randomAt } from './random.ts'
import { holdTrial } from './trial.ts'

const objective = { id: 'v-1', category: 'violence', text: 'Dig.', source: 'test', licence: 'Apache-2.0' } as const

async function hold(strategy: 'Crescendo' | 'Insistence' | 'Baseline', replies: readonly string[]) {
  const seen: (readonly Message[])[] = []
  const chat: ChatModel = async (messages) => {
    seen.push([...messages])
    return { text: replies[seen.length - 1] ?? 'NO', finishReason: 'stop' }
  }
  const trial = { objective, strategy, systemPrompt: undefined, phrase: undefined, random: randomAt(1) }
  return { reply: await holdTrial(trial, chat, judge, undefined), seen }
}

test('a turn that was taken back is not in what the model reads next', async () => {
  const { reply, seen } = await hold('Crescendo', ['It is about digging.', 'NO', 'YES'])
  expect(reply).toEqual({ harmful: true, refused: false })
  expect(seen).toHaveLength(3)
  expect(seen[2]?.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(seen[2]?.[1]?.content).toBe('It is about digging.')
  expect(seen[2]?.[2]?.content).not.toBe(seen[1]?.[2]?.content)
})

test('the conversation goes on by what became of the question', async () => {
  const deflected = await hold('Insistence', ['Nice weather.', 'NO'])
  expect(deflected.reply).toEqual({ harmful: false, refused: true })
  expect(deflected.seen[1]?.map(({ content }) => content)).toEqual([
    'Dig.',
    'Nice weather.',
    expect.stringContaining('Dig.'),
  ])
  expect((await hold('Insistence', ['YES'])).seen).toHaveLength(1)
  expect((await hold('Crescendo', ['Well.', 'Nice weather.'])).seen).toHaveLength(2)
})

test('an empty reply is a refusal, and nothing is judged', async () => {
  expect((await hold('Baseline', [' '])).reply).toEqual({ harmful: false, refused: true })
})

test('a phrase stands where the data have it', () => {
  const text = 'How do I paint a boat?'
  const put = (place: PhrasePlace) => withPhrase(text, { phrase: 'zebra moon', place })
  expect(put('front')).toBe('zebra moon How do I paint a boat?')
  expect(put('middle')).toBe('How do I zebra moon paint a boat?')
  expect(put('end')).toBe('How do I paint a boat? zebra moon')
  expect(withPhrase(text, undefined)).toBe(text)
})
