import { describe, expect, test } from 'vitest'
import { readTrainingFile, validateTrainingFile } from './index.ts'

async function* only(text: string) {
  yield Buffer.from(text)
}

const said = (content: string) => [{ role: 'assistant', content }]
const pair = (overrides: object = {}) => ({
  input: { messages: [{ role: 'user', content: 'Question' }] },
  preferred_output: said('Yes.'),
  non_preferred_output: said('Well, as it were, yes.'),
  ...overrides,
})
const conversation = { messages: [{ role: 'user', content: 'Question' }, ...said('Answer')] }
const file = (...rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n')
const pairs = (count: number) => Array.from({ length: count }, () => pair())
const faultsOf = async (row: object) => (await validateTrainingFile(only(file(row, ...pairs(10))))).faults

async function rowOf(row: object) {
  for await (const line of readTrainingFile(only(JSON.stringify(row)))) if ('row' in line) return line.row
  throw new Error('no row')
}

describe('a preference pair', () => {
  test('is what is taught, with the other output beside it', async () => {
    expect(await rowOf(pair())).toEqual({
      line: 1,
      messages: [{ role: 'user', content: 'Question' }, ...said('Yes.')],
      nonPreferred: said('Well, as it were, yes.')[0],
    })
  })

  test("as OpenAI's guide writes it, with tools; of the input nothing is learned, whatever weight it has", async () => {
    const row = await rowOf(
      pair({
        input: {
          messages: [
            { role: 'system', content: 'Be short.' },
            { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
            { role: 'assistant', content: 'Where?', weight: 1 },
            { role: 'user', content: 'Here' },
          ],
          tools: [{ type: 'function', function: { name: 'f' } }],
          parallel_tool_calls: true,
        },
      }),
    )
    expect(row.messages.map(({ weight }) => weight)).toEqual([undefined, undefined, 0, undefined, undefined])
    expect(row.tools).toHaveLength(1)
    const { tools } = await rowOf(pair({ input: { messages: pair().input.messages, tools: [] } }))
    expect(tools).toBeUndefined()
  })

  test('may answer a tool, and differ in its calls only', async () => {
    const call = (name: string) => [
      { role: 'assistant', tool_calls: [{ type: 'function', function: { name, arguments: '{}' } }] },
    ]
    const messages = [{ role: 'user', content: 'x' }, ...call('f'), { role: 'tool', content: '12', tool_call_id: 'c' }]
    const row = pair({ input: { messages }, preferred_output: call('f'), non_preferred_output: call('g') })
    expect(await faultsOf(row)).toEqual([])
  })
})

describe('what is refused, with line, path and code', () => {
  const { input } = pair()
  const cases: [string, object, string, string][] = [
    ['no other output', { input, preferred_output: said('Yes.') }, 'non_preferred_output', 'invalid_format'],
    ['no input', { preferred_output: said('a'), non_preferred_output: said('b') }, 'input', 'invalid_format'],
    ['two messages', pair({ preferred_output: [...said('a'), ...said('b')] }), 'preferred_output', 'invalid_format'],
    ['no message', pair({ non_preferred_output: [] }), 'non_preferred_output', 'invalid_format'],
    [
      'an output of the user',
      pair({ preferred_output: [{ role: 'user', content: 'x' }] }),
      'preferred_output[0].role',
      'invalid_role',
    ],
    [
      'an output with weight 0, which would hide it from the judge',
      pair({ preferred_output: [{ role: 'assistant', content: 'x', weight: 0 }] }),
      'preferred_output[0]',
      'unknown_field',
    ],
    ['an empty output', pair({ preferred_output: said('') }), 'preferred_output[0].content', 'empty_assistant_message'],
    ['the same twice', pair({ non_preferred_output: said('Yes.') }), 'non_preferred_output', 'outputs_identical'],
    [
      'an input that ends with the assistant',
      pair({ input: { messages: conversation.messages } }),
      'input.messages[1].role',
      'last_input_not_user',
    ],
    ['an unknown field', pair({ score: 1 }), '', 'unknown_field'],
    [
      'an image',
      pair({ input: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] } }),
      'input.messages[0].content',
      'images_not_supported',
    ],
  ]
  test.each(cases)('%s', async (_name, row, path, code) => {
    expect((await faultsOf(row)).map((fault) => [fault.line, fault.path, fault.code])).toContainEqual([1, path, code])
  })
})

describe('one format a file', () => {
  const conversations = Array.from({ length: 12 }, () => conversation)
  const validate = (rows: readonly object[], format?: 'supervised' | 'preference') =>
    validateTrainingFile(only(file(...rows)), { format })

  test('either is read where none is asked for', async () => {
    expect(await validate(pairs(10))).toEqual({ rows: 10, faults: [], faultCount: 0 })
    expect(await validate(conversations)).toEqual({ rows: 12, faults: [], faultCount: 0 })
  })

  test('a row of the other one is a fault of its line', async () => {
    const { faults } = await validate([...pairs(10), conversation, pair(), conversation])
    expect(faults.map(({ line, code }) => [line, code])).toEqual([
      [11, 'mixed_formats'],
      [13, 'mixed_formats'],
    ])
  })

  test('a file for the other method has one fault, which says so', async () => {
    expect(await validate(pairs(10), 'supervised')).toMatchObject({ faultCount: 1, faults: [{ code: 'wrong_format' }] })
    expect(await validate(conversations, 'preference')).toMatchObject({
      faultCount: 1,
      faults: [{ line: 0, code: 'wrong_format', reason: expect.stringContaining('conversations') }],
    })
  })
})
