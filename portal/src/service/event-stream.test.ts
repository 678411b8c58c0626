import { expect, test } from 'vitest'
import { streamedValues } from './event-stream.ts'

async function read(parts: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  async function* body() {
    for (const part of parts) yield typeof part === 'string' ? new TextEncoder().encode(part) : part
  }
  const values: unknown[] = []
  for await (const value of streamedValues(body())) values.push(value)
  return values
}

test('values come whole, wherever the network cuts them', async () => {
  const whole = new TextEncoder().encode('data: {"text":"für"}\n\ndata: {"text":"dich"}\n\ndata: [DONE]\n\n')
  for (let cut = 1; cut < whole.length; cut++) {
    expect(await read([whole.slice(0, cut), whole.slice(cut)])).toEqual([{ text: 'für' }, { text: 'dich' }])
  }
})

test('a stream without its end is a dropped connection', async () => {
  await expect(read(['data: 1\n\n', 'data: 2'])).rejects.toThrow('broke off')
})
