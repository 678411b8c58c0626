import { AssayError } from 'assay/errors'
import type { Engine, LoadedModel } from '../engines/index.ts'
import type { Resource } from '../resources/index.ts'
import type { Gate } from './gate.ts'

/** Models that stay in memory while nobody asks them. */
const CAPACITY = 2
/** Models in memory at most: one that is answering is never let go, so a further one has to wait. */
const MOST_AT_ONCE = 4

interface Entry {
  readonly model: Promise<LoadedModel>
  users: number
  /** Removes what the model needed on disk. */
  release(): Promise<void>
}

/** Models that passed the gate, loaded once and kept while they are used; the least recently used goes first. */
export class LoadedModels {
  readonly #gate: Gate
  readonly #engine: Engine
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>()

  constructor(gate: Gate, engine: Engine) {
    this.#gate = gate
    this.#engine = engine
  }

  /** Lends a loaded model for as long as `use` runs. */
  async *lend<Item>(
    resource: Resource,
    name: string,
    use: (model: LoadedModel) => AsyncIterable<Item>,
  ): AsyncGenerator<Item, void, void> {
    const key = keyOf(resource, name)
    if (!this.#entries.has(key)) {
      await this.#shrink(MOST_AT_ONCE - 1)
      if (this.#entries.size >= MOST_AT_ONCE) throw tooManyModels()
    }
    const entry = this.#entries.get(key) ?? this.#open(resource, name)
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    entry.users += 1
    try {
      yield* use(await this.#loaded(key, entry))
    } finally {
      entry.users -= 1
      await this.#shrink(CAPACITY)
    }
  }

  /** What could not be loaded is opened anew at the next request. */
  async #loaded(key: string, entry: Entry): Promise<LoadedModel> {
    try {
      return await entry.model
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key)
      throw error
    }
  }

  async forget(resource: { readonly id: string }, name: string): Promise<void> {
    await this.#forget(keyOf(resource, name))
  }

  async forgetAll(resource: { readonly id: string }): Promise<void> {
    const keys = [...this.#entries.keys()].filter((key) => key.startsWith(keyOf(resource, '')))
    await Promise.all(keys.map((key) => this.#forget(key)))
  }

  async #forget(key: string): Promise<void> {
    const entry = this.#entries.get(key)
    this.#entries.delete(key)
    await entry?.release()
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    await Promise.all(entries.map((entry) => entry.release()))
  }

  #open(resource: Resource, name: string): Entry {
    const opened = this.#load(resource, name)
    const model = opened.then((one) => one.model)
    model.catch(() => {})
    return { model, users: 0, release: () => opened.then((one) => one.release()).catch(() => {}) }
  }

  async #load(resource: Resource, name: string) {
    const verified = await this.#gate.open(resource, name, { again: false })
    const paths = [verified.base.alignmentAdapterPath, verified.adapter?.path]
    try {
      const adapters = paths.flatMap((path) => (path ? [{ path }] : []))
      const model = await this.#engine.load({
        basePath: verified.base.ggufPath,
        adapters,
        contextLength: verified.contextLength,
      })
      const release = async () => {
        await model.close()
        await verified.adapter?.remove()
      }
      return { model, release }
    } catch (error) {
      await verified.adapter?.remove()
      throw error
    }
  }

  async #shrink(capacity: number): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= capacity) return
      if (entry.users > 0) continue
      this.#entries.delete(key)
      await entry.release()
    }
  }
}

function keyOf(resource: { readonly id: string }, name: string): string {
  return `${resource.id} ${name}`
}

function tooManyModels(): AssayError {
  return new AssayError('too_many_models', 'More models are being asked at the same time than fit into memory.', {
    status: 429,
    param: 'model',
    remedy: 'Try again in a moment.',
  })
}
