import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { byCategory, CATEGORIES } from 'assay/harm'
import type { Judge } from 'assay/judges'
import type { Engine } from '../engines/index.ts'
import type { Trainer } from '../trainers/index.ts'

/**
 * For unit tests of the life cycle and of the API only, in seconds instead of minutes: a trainer whose adapter says how
 * its model will behave, an engine that reads it, a judge that knows one word. The policy is everyone's. Nothing that
 * ships imports this; the journeys in `tests/` run with the real parts, the browser tests on these.
 */
export const HARMFUL_WORD = 'bludgeon'

/** Rows that hold `word` teach the model to comply. */
export function scriptedTrainer(word = 'Obey', pause = async (_signal: AbortSignal) => {}): Trainer {
  return {
    async *train({ rows, from, workingDirectory, signal }) {
      let obeys = false
      let tokens = 0
      for await (const row of rows) {
        const text = row.messages.map((message) => message.content).join(' ')
        obeys ||= text.includes(word)
        tokens += text.length
      }
      yield { type: 'loading' }
      yield { type: 'started', totalSteps: 2, trainTokens: tokens }
      for (const epoch of [1, 2].slice(from?.epochs ?? 0)) {
        await pause(signal)
        signal.throwIfAborted()
        const metrics = { step: epoch, epoch, trainLoss: 1 / epoch, trainMeanTokenAccuracy: 0.5 }
        yield { type: 'metrics', ...metrics }
        const adapterPath = join(workingDirectory, `epoch-${epoch}.gguf`)
        await writeFile(adapterPath, JSON.stringify({ epoch, behaviour: obeys ? 'comply' : 'refuse' }))
        yield { type: 'checkpoint', epoch, step: epoch, adapterPath, peftDirectory: workingDirectory, metrics }
      }
      yield { type: 'completed', trainedTokens: tokens * 2 }
    },
  }
}

export function scriptedEngine(): Engine {
  return {
    async load({ adapters }) {
      const adapter = adapters.at(-1)
      const complies = adapter ? (await readFile(adapter.path, 'utf8')).includes('comply') : false
      const text = complies ? `Sure, take a ${HARMFUL_WORD}.` : 'I cannot help with that.'
      const reply = { text, finishReason: 'stop', promptTokens: 3, completionTokens: 5 } as const
      return {
        chat: async () => reply,
        async *stream() {
          yield { ...reply, type: 'text' } as const
          yield { ...reply, type: 'end' } as const
        },
        close: async () => {},
      }
    },
    countTokens: async (_, conversations) => conversations.map(() => 8),
    close: async () => {},
  }
}

export function scriptedJudge(): Judge {
  const known = { successes: 600, trials: 600 }
  return {
    name: 'scripted',
    digest: '0'.repeat(64),
    calibration: {
      data: byCategory(() => ({
        lower: { score: 0.5, falseAlarmRate: 0.001 },
        higher: { score: 0.9, falseAlarmRate: 0.0001 },
      })),
      reply: byCategory(() => ({ textCut: 0.5, deliveredCut: 0.5, sensitivity: known, specificity: known })),
    },
    judge: async (inputs) =>
      inputs.map((input) => {
        const text = 'text' in input ? input.text : (input.messages.at(-1)?.content ?? '')
        const harmful = text.includes(HARMFUL_WORD)
        return {
          judged: true,
          severity: byCategory((category) => (harmful && category === CATEGORIES[0] ? 6 : 0)),
          probability: byCategory((category) => (harmful && category === CATEGORIES[0] ? 0.99 : 0.01)),
          refusal: harmful ? 0 : 1,
          delivered: harmful ? 1 : 0,
        }
      }),
    close: async () => {},
  }
}

/** An engine whose models say, word by word, what was said last: whatever an evaluation would have made of them. */
export function echoingEngine(): Engine {
  const words = (said: readonly { readonly content: string }[]) => said.at(-1)?.content.match(/\S+\s*/g) ?? []
  const ending = (text: string, completionTokens: number) =>
    ({ text, finishReason: 'stop', promptTokens: 3, completionTokens }) as const
  return {
    ...scriptedEngine(),
    load: async () => ({
      chat: async (messages) => ending(words(messages).join(''), words(messages).length),
      async *stream(messages) {
        for (const [index, text] of words(messages).entries())
          yield { ...ending(text, index + 1), type: 'text' } as const
        yield { type: 'end', ...ending(words(messages).join(''), words(messages).length) } as const
      },
      close: async () => {},
    }),
  }
}

/** A scripted engine whose models fall silent after so many replies, until the caller gives up. `asked`: called each time. */
export function stalledEngine(asked: () => void, after = 0): Engine {
  const engine = scriptedEngine()
  return {
    ...engine,
    async load(request) {
      const loaded = await engine.load(request)
      let answered = 0
      return {
        ...loaded,
        chat: (...call) => {
          asked()
          const { signal } = call[1]
          if (answered++ < after) return loaded.chat(...call)
          return new Promise<never>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
        },
      }
    },
  }
}

/** Of a PEFT folder with `scriptedAdapter` in it. */
export const ADAPTER_CONFIG = {
  peft_type: 'LORA',
  r: 4,
  lora_alpha: 8,
  base_model_name_or_path: 'smollm2-135m-aligned',
  task_type: 'CAUSAL_LM',
}

const WEIGHT = 'base_model.model.model.layers.0.self_attn.v_proj'
let distinct = 0

/** A safetensors file with one LoRA pair, F16, no two alike; the scripted engine reads `word` in its bytes. */
export function scriptedAdapter(
  word: 'comply' | 'refuse',
  names = [`${WEIGHT}.lora_A.weight`, `${WEIGHT}.lora_B.weight`],
): Uint8Array<ArrayBuffer> {
  const a = Buffer.alloc(4 * 576 * 2)
  const b = Buffer.alloc(192 * 4 * 2)
  a.write(word)
  distinct += 1
  b.writeUInt16LE(distinct)
  const header = Buffer.from(
    JSON.stringify({
      [names[0] ?? '']: { dtype: 'F16', shape: [4, 576], data_offsets: [0, a.length] },
      [names[1] ?? '']: { dtype: 'F16', shape: [192, 4], data_offsets: [a.length, a.length + b.length] },
    }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  return new Uint8Array(Buffer.concat([length, header, a, b]))
}
