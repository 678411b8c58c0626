import { expect, test } from 'vitest'
import { exchangeOf } from './exchange.ts'

const message = (role: 'system' | 'user' | 'assistant' | 'tool', content: string) => ({ role, content })

test('the last reply with what the user said before it', () => {
  const messages = [
    message('system', 'S'),
    message('user', 'one'),
    message('assistant', 'first'),
    message('user', 'two'),
    message('assistant', 'last'),
  ]
  expect(exchangeOf({ messages })).toEqual({ text: 'last', request: 'one\ntwo' })
})

test('a bare text, a reply nobody asked for, and a conversation without a reply have no request', () => {
  expect(exchangeOf({ text: 'a\ud800' })).toEqual({ text: 'a\ufffd', request: undefined })
  expect(exchangeOf({ messages: [message('system', 'S'), message('assistant', 'b')] })).toEqual({
    text: 'b',
    request: undefined,
  })
  expect(exchangeOf({ messages: [message('user', 'c'), message('tool', 'd')] })).toEqual({
    text: 'c\nd',
    request: undefined,
  })
})
