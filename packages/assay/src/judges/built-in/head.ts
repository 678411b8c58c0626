import { z } from 'zod'

const layer = z.object({ weight: z.string(), bias: z.string() })

export const headSchema = z.object({
  first: layer,
  second: layer,
  grams: z.object({ scale: z.number(), weight: z.string() }),
  inputs: z.int(),
  hidden: z.int(),
  outputs: z.int(),
  buckets: z.int(),
})

/**
 * A small network over a dense vector, and a linear model over hashed n-grams beside it, trained by
 * python/judge. The bag of n-grams counts as its sum over the root of its size.
 */
export class Head {
  readonly buckets: number
  readonly #firstWeight: Float32Array
  readonly #firstBias: Float32Array
  readonly #secondWeight: Float32Array
  readonly #secondBias: Float32Array
  readonly #grams: Int8Array
  readonly #gramScale: number
  readonly #outputs: number

  constructor(stored: z.infer<typeof headSchema>) {
    this.buckets = stored.buckets
    this.#outputs = stored.outputs
    this.#firstWeight = floats(stored.first.weight, stored.hidden * stored.inputs)
    this.#firstBias = floats(stored.first.bias, stored.hidden)
    this.#secondWeight = floats(stored.second.weight, stored.outputs * stored.hidden)
    this.#secondBias = floats(stored.second.bias, stored.outputs)
    const bytes = Buffer.from(stored.grams.weight, 'base64')
    if (bytes.length !== stored.buckets * stored.outputs) throw new RangeError('n-gram weights of another size')
    this.#grams = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#gramScale = stored.grams.scale
  }

  /** Probabilities, one an output. */
  predict(dense: Float32Array, grams: readonly number[]): number[] {
    const hidden = affine(this.#firstWeight, this.#firstBias, dense)
    for (let at = 0; at < hidden.length; at++) hidden[at] = Math.max(0, hidden[at] as number)
    const logits = affine(this.#secondWeight, this.#secondBias, hidden)
    const share = this.#gramScale / Math.sqrt(Math.max(1, grams.length))
    return Array.from(logits, (logit, output) => {
      let bag = 0
      for (const gram of grams) bag += this.#grams[gram * this.#outputs + output] as number
      return 1 / (1 + Math.exp(-(logit + bag * share)))
    })
  }
}

function affine(weight: Float32Array, bias: Float32Array, input: Float32Array): Float32Array {
  const result = new Float32Array(bias.length)
  for (let row = 0; row < bias.length; row++) {
    let sum = bias[row] as number
    const offset = row * input.length
    for (let column = 0; column < input.length; column++) {
      sum += (weight[offset + column] as number) * (input[column] as number)
    }
    result[row] = sum
  }
  return result
}

function floats(base64: string, length: number): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  if (bytes.length !== length * 4) throw new RangeError('weights of another size')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}
