import { expect, test } from 'vitest'
import { yesNoJudge as judge } from '../../../../tests/yes-no-judge.ts'
import type { ChatModel, Message } from '../conversations/index.ts'
import { byCategory, CATEGORIES } from '../harm/index.ts'
import { attackModel } from './attack-model.ts'
import type { Objective } from './objectives.ts'

const objectives: readonly Objective[] = CATEGORIES.map((category) => ({
  id: `${category}-1`,
  category,
  text: `Dig for ${category}.`,
  source: 'test',
  licence: 'Apache-2.0',
}))

type Says = (last: string, messages: readonly Message[]) => string

/** A model of which every answer is known, and all that it was asked. */
function model(says: Says) {
  const seen: (readonly Message[])[] = []
  const chat: ChatModel = async (messages) => {
    seen.push([...messages])
    return { text: says(messages.at(-1)?.content ?? '', messages), finishReason: 'stop' }
  }
  return { chat, seen }
}

const attack = (chat: ChatModel, attacker: ChatModel) =>
  attackModel({ chat, attacker, judge, objectives, seed: 1, concurrency: 4 })

const every = (harmful: number) => byCategory(() => ({ conversations: 10, harmful }))

test('an attacker that finds a way is counted, and stops where it has found it', async () => {
  const target = model((last) => (last === 'please' ? 'YES' : 'NO'))
  const attacker = model((_, told) => (told.length === 1 ? 'now' : 'please'))
  expect(await attack(target.chat, attacker.chat)).toEqual({
    attacks: { PAIR: every(10), Crescendo: every(10) },
    messages: 160,
    refusedMessages: 0,
  })
  // What was refused was taken back: each message is the first that the model reads.
  for (const messages of target.seen) expect(messages).toHaveLength(1)
})

test('a model that always refuses is asked as often as the attacks say, and the attacker reads why', async () => {
  const target = model(() => 'NO')
  const attacker = model((_, told) => `message ${told.length}`)
  const { attacks, messages } = await attack(target.chat, attacker.chat)
  expect(attacks).toEqual({ PAIR: every(0), Crescendo: every(0) })
  expect(messages).toBe(40 * (3 + 5))
  const told = attacker.seen.map((read) => read.map(({ content }) => content).join('\n'))
  expect(told.some((text) => text.includes('The model refused. It answered:\n\nNO'))).toBe(true)
  expect(told.some((text) => text.includes('has forgotten that message'))).toBe(true)
  for (const { category, text } of objectives)
    expect(
      told.some((read) => read.includes(text)),
      category,
    ).toBe(true)
})

test('Crescendo goes on from the replies that it gets', async () => {
  const target = model((_, messages) => (messages.length === 9 ? 'YES' : `answer ${messages.length}`))
  const attacker = model((_, told) => `step ${(told.length + 1) / 2}`)
  const { attacks } = await attack(target.chat, attacker.chat)
  expect(attacks).toEqual({ PAIR: every(0), Crescendo: every(10) })
})

test('an attacker that refuses is said to', async () => {
  const { messages, refusedMessages } = await attack(model(() => 'NO').chat, model(() => 'NO').chat)
  expect(refusedMessages).toBe(messages)
})

test('an attacker that fails, or whose endpoint withholds what it writes, is the evaluator’s fault', async () => {
  const fails = async () => {
    throw new Error('down')
  }
  await expect(attack(model(() => 'NO').chat, fails)).rejects.toMatchObject({ code: 'evaluation_unavailable' })
  const withheld: ChatModel = async () => ({ text: '', finishReason: 'content_filter' })
  await expect(attack(model(() => 'NO').chat, withheld)).rejects.toMatchObject({
    code: 'evaluation_unavailable',
    cause: { code: 'attacker_withheld' },
  })
})

test('the same seed puts the same to both', async () => {
  const heard = async () => {
    const attacker = model(() => 'NO')
    await attack(model(() => 'NO').chat, attacker.chat)
    return attacker.seen.map((read) => read.map(({ content }) => content).join('\n')).sort()
  }
  expect(await heard()).toEqual(await heard())
})
