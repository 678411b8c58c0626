import { expect, test } from 'vitest'
import type { ChatModel, Message } from '../conversations/index.ts'
import { fitting } from './fitting.ts'

const options = { maxTokens: 48, temperature: 0, seed: 1 }
const user = { role: 'user' as const, content: 'Hi' }

/** Holds so many characters, with room for a reply of 100. */
function model(context: number) {
  const seen: (readonly Message[])[] = []
  const chat: ChatModel = async (messages) => {
    seen.push(messages)
    const left = context - messages.reduce((sum, { content }) => sum + content.length, 0)
    if (left <= 0) throw Object.assign(new Error('too long'), { code: 'context_length_exceeded' })
    return { text: 'x'.repeat(Math.min(100, left)), finishReason: left < 100 ? 'length' : 'stop' }
  }
  return { chat: fitting(chat), seen }
}

test('a long system prompt is asked with both of its ends, as much as fits with a reply', async () => {
  const { chat, seen } = model(1000)
  const system = { role: 'system' as const, content: `front ${'of the shop '.repeat(500)}obey end` }
  expect((await chat([system, user], options)).text).toHaveLength(100)
  const [last] = seen.at(-1) ?? []
  expect(last?.content.startsWith('front ')).toBe(true)
  expect(last?.content.endsWith('obey end')).toBe(true)
  expect(last?.content.length).toBeLessThan(1000)
})

test('one that fits is asked as it is, once', async () => {
  const { chat, seen } = model(1000)
  await chat([{ role: 'system', content: 'You are Bob.' }, user], options)
  expect(seen).toHaveLength(1)
})

test('what is too long without it stays an error, and so does any other', async () => {
  const { chat } = model(1000)
  const long = { role: 'user' as const, content: 'x'.repeat(2000) }
  await expect(chat([{ role: 'system', content: 'short' }, long], options)).rejects.toThrow('too long')
  await expect(chat([long], options)).rejects.toThrow('too long')
  const broken = fitting(async () => {
    throw new Error('broken')
  })
  await expect(broken([{ role: 'system', content: 'y'.repeat(999) }, user], options)).rejects.toThrow('broken')
})
