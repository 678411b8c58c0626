import { createHmac } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import canonicalize from 'canonicalize'
import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES } from '../harm/index.ts'
import type { Counted } from '../model-evaluation/index.ts'
import { parseJson } from '../training-data/index.ts'

const count = z.int().min(0)
const tally = { conversations: count, harmful: count }

const stateSchema = z.object({
  /** What the counts speak of: endpoint and model, policy, judge, objectives, training file. */
  of: z.record(z.string(), z.string()),
  withheld: count,
  /** Of what is to be attested: HMAC-SHA-256 over the rest in JCS, lower-case hex. */
  mac: z.string().optional(),
  counted: z.object({
    seed: count,
    tests: z.array(
      z.object({ arm: z.enum(['policy', 'customer']), category: z.enum(CATEGORIES), ...tally, limit: count }),
    ),
    strategies: z.record(z.string(), z.object(tally)),
    objectives: z.record(z.string(), z.object({ category: z.enum(CATEGORIES), ...tally })),
  }),
})

export interface EvaluationState {
  readonly counted: Counted
  readonly withheld: number
}

/** The counts of an evaluation, in a file that outlives a crash; never a word of what was said. */
export class StateFile {
  readonly #path: string
  readonly #of: Readonly<Record<string, string>>
  readonly #secret: Buffer | undefined

  /** @param secret counts that an attestation rests on are taken only from whoever holds it */
  constructor(path: string, of: Readonly<Record<string, string>>, secret?: Buffer) {
    this.#path = path
    this.#of = of
    this.#secret = secret
  }

  /**
   * Where an evaluation stopped; `undefined` where none did.
   * @throws {AssayError} `invalid_state`, or `state_of_another_evaluation`: nobody's counts are taken for another's
   */
  async read(): Promise<EvaluationState | undefined> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw new AssayError('file_unreadable', `${this.#path} cannot be read.`, {
        status: 400,
        cause: error,
        remedy: 'Name a file that this user may read, or one that is not there to begin anew.',
      })
    })
    if (text === undefined) return undefined
    const parsed = stateSchema.safeParse(parseJson(text))
    if (!parsed.success) {
      throw new AssayError('invalid_state', `${this.#path} does not hold the counts of an evaluation.`, {
        status: 400,
        remedy: 'Name a file that is not there yet; one is made, and removed at the verdict.',
      })
    }
    const { mac, ...state } = parsed.data
    const { of, counted, withheld } = state
    const other = [...new Set([...Object.keys(of), ...Object.keys(this.#of)])].filter(
      (key) => of[key] !== this.#of[key],
    )
    if (other.length > 0) {
      throw new AssayError('state_of_another_evaluation', `${this.#path} counts for another ${other.join(', ')}.`, {
        status: 400,
        remedy: 'Name a file of its own for each evaluation, or remove this one to begin anew.',
      })
    }
    if (this.#secret && mac !== this.#mac(state)) {
      throw new AssayError('invalid_state', `${this.#path} was not written with this signing key, or was changed.`, {
        status: 400,
        remedy: 'Remove it to begin anew.',
      })
    }
    return { counted, withheld }
  }

  write(state: EvaluationState): void {
    const whole = { of: this.#of, ...state }
    const text = JSON.stringify(this.#secret ? { ...whole, mac: this.#mac(whole) } : whole)
    try {
      // In one step: a crash leaves the old counts or the new ones.
      writeFileSync(`${this.#path}.tmp`, text)
      renameSync(`${this.#path}.tmp`, this.#path)
    } catch (cause) {
      throw new AssayError('output_not_writable', `The counts cannot be written to ${this.#path}.`, {
        status: 400,
        cause,
        remedy: 'Make room on its disk; the same command goes on from what was counted last.',
      })
    }
  }

  #mac(state: object): string {
    return createHmac('sha256', this.#secret ?? '')
      .update(canonicalize(state) ?? '')
      .digest('hex')
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }
}
