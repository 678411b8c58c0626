import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_LINE_BYTES, readTrainingFile, validateTrainingFile } from './index.ts'

async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const validate = (text: string | Uint8Array, size = 7919) => validateTrainingFile(chunksOf(Buffer.from(text), size))

const row = (overrides: object = {}) =>
  JSON.stringify({
    messages: [
      { role: 'user', content: 'Question' },
      { role: 'assistant', content: 'Answer' },
    ],
    ...overrides,
  })

/** Ten good rows with `lines` before them, so that only the lines under test are at fault. */
const file = (...lines: string[]) => [...lines, ...Array.from({ length: 10 }, () => row())].join('\n')

describe('what is accepted', () => {
  test('a byte order mark, CRLF, blank lines and no line end at the end', async () => {
    const text = `\uFEFF${Array.from({ length: 10 }, () => row()).join('\r\n\r\n')}`
    expect(await validate(text)).toEqual({ rows: 10, faults: [], faultCount: 0 })
  })

  test('tool calls, tools, weight, text parts, developer and tool messages', async () => {
    const tools = row({
      messages: [
        { role: 'developer', content: 'Use tools' },
        { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
        {
          role: 'assistant',
          weight: 0,
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', content: '12 degrees', tool_call_id: 'c' },
        { role: 'assistant', content: 'Twelve degrees.', weight: 1 },
      ],
      tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
    })
    expect(await validate(file(tools))).toEqual({ rows: 11, faults: [], faultCount: 0 })
  })

  test('functions of the older format are taught as tools', async () => {
    const lines = readTrainingFile(chunksOf(Buffer.from(row({ functions: [{ name: 'f' }] })), 7919))
    expect.assertions(1)
    for await (const line of lines) {
      expect(line).toMatchObject({ row: { tools: [{ type: 'function', function: { name: 'f' } }] } })
    }
  })
})

describe('what is refused, with line, path and code', () => {
  const cases: [string, string, string, string][] = [
    ['not JSON', 'hello', '', 'invalid_json'],
    ['a list', '[]', '', 'invalid_json'],
    ['a wrong role', row({ messages: [{ role: 'robot', content: 'x' }] }), 'messages[0].role', 'invalid_role'],
    ['no assistant', row({ messages: [{ role: 'user', content: 'x' }] }), 'messages', 'no_assistant_message'],
    [
      'a last message of the user',
      row({
        messages: [
          { role: 'assistant', content: 'x' },
          { role: 'user', content: 'x' },
        ],
      }),
      'messages[1].role',
      'last_message_not_assistant',
    ],
    ['an unknown field', row({ mesages: [] }), '', 'unknown_field'],
    [
      'a weight of a half',
      row({
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'x', weight: 0.5 },
        ],
      }),
      'messages[1].weight',
      'invalid_weight',
    ],
    [
      'nothing but weight 0',
      row({
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: 'x', weight: 0 },
        ],
      }),
      'messages',
      'no_weighted_message',
    ],
    [
      'an image',
      row({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'x' },
              { type: 'image_url', image_url: { url: 'data:' } },
            ],
          },
          { role: 'assistant', content: 'x' },
        ],
      }),
      'messages[0].content',
      'images_not_supported',
    ],
    [
      'an empty answer',
      row({
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: '' },
        ],
      }),
      'messages[1].content',
      'empty_assistant_message',
    ],
    ['a line of 10 MB', `{"messages": "${'x'.repeat(10_000_000)}"}`, '', 'line_too_long'],
  ]
  test.each(cases)('%s', async (_name, line, path, code) => {
    const { faults } = await validate(file(row(), line), 65_536)
    expect(faults.map((fault) => [fault.line, fault.path, fault.code])).toContainEqual([2, path, code])
  })

  test('invalid UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from(`${row()}\n`), Buffer.from([0x22, 0xff, 0x22, 0x0a]), Buffer.from(file())])
    expect((await validate(bytes)).faults).toMatchObject([{ line: 2, code: 'invalid_utf8' }])
  })

  test('an empty file, and one of nine rows', async () => {
    expect((await validate('')).faults).toMatchObject([{ line: 0, code: 'empty_file' }])
    expect((await validate(Array.from({ length: 9 }, () => row()).join('\n'))).faults).toMatchObject([
      { line: 0, code: 'too_few_examples' },
    ])
  })

  test('every fault of a file is counted, the first hundred are returned, and none holds the text of a row', async () => {
    const bad = row({ messages: [{ role: 'canary-7121', content: 'canary-7122' }] })
    const { faults, faultCount } = await validate(Array.from({ length: 250 }, () => bad).join('\n'))
    expect(faultCount).toBe(250)
    expect(faults).toHaveLength(100)
    expect(JSON.stringify(faults)).not.toContain('canary')
  })

  test('a field is named where its name looks like one, and a name that may be text is not repeated', async () => {
    const { faults } = await validate(file(row({ mesages: [], 'canary-7123 my diary': 1 })))
    expect(faults[0]?.reason).toBe('Unknown field: "mesages", one whose name is not repeated here.')
  })

  test('half of a surrogate pair, which no tokenizer reads; whole pairs and written backslashes are text', async () => {
    const saying = (content: string) =>
      `{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"${content}"}]}`
    const { faults } = await validate(
      file(saying('\\ud83d\\ude00'), saying('\\\\ud800'), saying('a\\ud800b'), saying('\\uDE00')),
    )
    expect(faults.map(({ line, code }) => [line, code])).toEqual([
      [3, 'invalid_unicode'],
      [4, 'invalid_unicode'],
    ])
  })
})

describe('a file that holds no lines of JSON is one fault', () => {
  const rows = Array.from({ length: 12 }, () => JSON.parse(row()) as object)
  const array = { line: 0, path: '', code: 'invalid_json', reason: expect.stringContaining('is one JSON array') }
  const utf16 = { line: 0, path: '', code: 'invalid_utf8', reason: expect.stringContaining('UTF-16') }

  test('a JSON array over several lines, behind blank ones too', async () => {
    for (const text of [
      JSON.stringify(rows, undefined, 2),
      `\uFEFF\r\n [\r\n${rows.map(() => row()).join(',\r\n')}\r\n]`,
    ]) {
      expect(await validate(text)).toEqual({ rows: 0, faults: [array], faultCount: 1 })
    }
  })

  test('one in a single line, however long', async () => {
    const { faults, faultCount } = await validate(JSON.stringify(rows))
    expect(faults).toMatchObject([{ line: 1, code: 'invalid_json', reason: expect.stringContaining('JSON array') }])
    expect(faultCount).toBe(1)
    const long = row({ messages: [{ role: 'assistant', content: 'x'.repeat(MAX_LINE_BYTES) }] })
    for (const size of [1000, 65_536, 2 * MAX_LINE_BYTES]) {
      expect(await validate(`[${long}]`, size)).toEqual({ rows: 0, faults: [array], faultCount: 1 })
    }
  })

  test('UTF-16 of either order, with a byte order mark or without', async () => {
    for (const mark of ['', '\uFEFF']) {
      const little = Buffer.from(mark + file(), 'utf16le')
      for (const bytes of [little, Buffer.from(little).swap16()]) {
        expect(await validate(bytes)).toEqual({ rows: 0, faults: [utf16], faultCount: 1 })
      }
    }
  })

  test('lists among the lines, and bytes that are nothing, are faults of their lines', async () => {
    expect((await validate(file('[]', '[1]'))).faults.map(({ line }) => line)).toEqual([1, 2])
    expect((await validate(file('\0\0'))).faults).toMatchObject([{ line: 1, code: 'invalid_json' }])
  })

  test('all of it is read all the same: its digest is that of the file', async () => {
    let read = 0
    async function* counted(bytes: Buffer) {
      for await (const chunk of chunksOf(bytes, 100)) {
        read += chunk.length
        yield chunk
      }
    }
    const bytes = Buffer.from(JSON.stringify(rows, undefined, 2))
    await validateTrainingFile(counted(bytes))
    expect(read).toBe(bytes.length)
  })
})

test('how the bytes are cut into chunks changes nothing, and no input makes the reader throw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constant(row()), fc.string({ unit: 'binary' }), fc.json()), { maxLength: 30 }),
      fc.integer({ min: 1, max: 50 }),
      async (lines, size) => {
        const text = lines.join('\n')
        expect(await validate(text, size)).toEqual(await validate(text, text.length + 1))
      },
    ),
    { numRuns: 200 },
  )
})

test('a line at the limit is read, one byte more is not', async () => {
  const padding = (bytes: number) =>
    row({
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'x'.repeat(bytes) },
      ],
    })
  const overhead = padding(0).length
  expect((await validate(file(padding(MAX_LINE_BYTES - overhead)), 65_536)).faultCount).toBe(0)
  expect((await validate(file(padding(MAX_LINE_BYTES - overhead + 1)), 65_536)).faults).toMatchObject([
    { code: 'line_too_long' },
  ])
})
