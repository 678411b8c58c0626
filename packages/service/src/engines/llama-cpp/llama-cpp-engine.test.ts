import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Message } from 'assay/conversations'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LoadedModel } from '../engine.ts'
import { LlamaCppEngine } from './llama-cpp-engine.ts'

const ASSETS = process.env.ASSAY_ASSETS ?? join(import.meta.dirname, '..', '..', '..', '..', '..', '.assay', 'assets')
const file = existsSync(ASSETS) ? readdirSync(ASSETS).find((name) => name.endsWith('.gguf')) : undefined
const ask = (content: string): Message[] => [{ role: 'user', content }]
const greedy = { maxTokens: 16, temperature: 0, seed: 1 }
const COUNT = ask('Count from 1 to 900, one number a line: 1, 2, 3, 4, 5')

describe.skipIf(file === undefined)('llama.cpp', { timeout: 120_000 }, () => {
  const base = join(ASSETS, file ?? '')
  const engine = new LlamaCppEngine()
  let model: LoadedModel
  beforeAll(async () => {
    model = await engine.load({ basePath: base, adapters: [] })
  }, 120_000)
  afterAll(() => engine.close())

  it("counts tokens as the model's own template renders them", async () => {
    // The template puts a system prompt of its own before a conversation without one.
    expect(await engine.countTokens(base, [ask('Hi'), [{ role: 'system', content: 'Hi' }]])).toEqual([27, 6])
  })

  it('answers many at once, and streams the pieces of what it answers', async () => {
    const alone = await model.chat(ask('What is the capital of France?'), greedy)
    const others = Array.from({ length: 20 }, (_, index) => model.chat(ask(`What is ${index} + 1?`), greedy))
    let text = ''
    for await (const part of model.stream(ask('What is the capital of France?'), greedy)) {
      if (part.type === 'text') text += part.text
      else expect(part.text).toBe(text)
    }
    expect(text).toContain('Paris')
    expect(alone.text).toContain('Paris')
    expect((await Promise.all(others)).every((reply) => reply.completionTokens > 0)).toBe(true)
  })

  it('honours seed, stop and maxTokens', async () => {
    const drawn = { ...greedy, temperature: 0.9, seed: 5 }
    expect((await model.chat(ask('Tell me a joke'), drawn)).text).toBe(
      (await model.chat(ask('Tell me a joke'), drawn)).text,
    )
    const counted = await model.chat(COUNT, greedy)
    expect(counted).toMatchObject({ finishReason: 'length', completionTokens: 16 })
    const stop = counted.text.slice(4, 6)
    const stopped = await model.chat(COUNT, { ...greedy, stop: [stop] })
    expect(stopped).toMatchObject({ finishReason: 'stop', text: counted.text.slice(0, counted.text.indexOf(stop)) })
  })

  it('ends an aborted call, and says that a conversation is too long', async () => {
    const signal = AbortSignal.timeout(200)
    await expect(model.chat(COUNT, { ...greedy, maxTokens: 1500, signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const tooLong = model.chat(ask('word '.repeat(3000)), greedy)
    await expect(tooLong).rejects.toMatchObject({ code: 'context_length_exceeded' })
  })

  it('survives a crash of its process', async () => {
    const lost = model.chat(COUNT, { ...greedy, maxTokens: 1500 })
    setTimeout(() => {
      const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'llama-cpp/child'])
        .toString()
        .trim()
      process.kill(Number(children.split('\n')[0]), 'SIGKILL')
    }, 200)
    await expect(lost).rejects.toMatchObject({ code: 'engine_crashed' })
    expect((await model.chat(ask('Say hello'), greedy)).completionTokens).toBeGreaterThan(0)
  })
})
