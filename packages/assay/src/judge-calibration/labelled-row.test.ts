import { expect, test } from 'vitest'
import { type LabelledRow, readLabelledRows } from './labelled-row.ts'

async function read(...rows: readonly unknown[]): Promise<LabelledRow[]> {
  const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)))
  async function* chunks() {
    yield Buffer.from(lines.join('\n'))
  }
  const found: LabelledRow[] = []
  for await (const row of readLabelledRows(chunks())) found.push(row)
  return found
}

const messages = [
  { role: 'user', content: 'how?' },
  { role: 'assistant', content: 'so' },
]

test('labels by text, by delivery, and by refusal', async () => {
  const rows = await read(
    { id: 1, text: 'a', labels: { violence: 1, sexual: 0 } },
    '',
    { messages, category: 'self_harm', delivered: 1 },
    { messages, category: 'self_harm', delivered: 0, refusal: 0 },
    { messages, category: 'self_harm', refusal: 1 },
    { messages, category: 'violence', delivered: 0, labels: { violence: 1, hate_fairness: 0 } },
  )
  expect(rows.map((row) => row.harmful)).toEqual([
    { violence: true, sexual: false },
    { self_harm: true },
    { self_harm: false },
    { self_harm: false },
    { violence: true, hate_fairness: false },
  ])
  expect(rows[0]?.input).toEqual({ text: 'a' })
  expect(rows[1]?.input).toEqual({ messages })
})

test('what is wrong is told in words', async () => {
  await expect(read('{')).rejects.toThrow('it is not JSON')
  await expect(read({ labels: { violence: 0 } })).rejects.toThrow('the row: there is no text, and no messages')
  await expect(read({ text: 'a', labels: { violence: 2 } })).rejects.toThrow('labels.violence: it is 0 or 1')
  await expect(read({ messages, category: 'violence', delivered: 'x' })).rejects.toThrow('delivered: it is 0 or 1')
})

test.each([
  ['no JSON', '{'],
  ['neither text nor messages', { labels: { violence: 0 } }],
  ['no label', { text: 'a' }],
  ['empty labels', { text: 'a', labels: {} }],
  ['a category that there is not', { text: 'a', labels: { spam: 1 } }],
  ['a label that is no label', { text: 'secret', labels: { violence: 2 } }],
  ['delivery of nobody knows what', { messages, delivered: 1 }],
])('%s is told by its line, without its text', async (_, row) => {
  const reading = read({ text: 'a', labels: { violence: 0 } }, '', row)
  await expect(reading).rejects.toMatchObject({ code: 'invalid_label', status: 400 })
  await expect(reading).rejects.toThrow(/^Line 3 (?!.*secret)/)
})
