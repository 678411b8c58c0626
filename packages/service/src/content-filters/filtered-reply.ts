import type { FilterResults, Finding } from './filter-results.ts'
import { type Harm, NO_HARM, worse } from './harm-of.ts'

/** A piece of a reply. Only what was judged is in one. */
export type ReplyPart =
  /** `results`: the worst of the reply so far. */
  | { readonly type: 'text'; readonly text: string; readonly results: FilterResults }
  /** All further text is withheld. */
  | { readonly type: 'filtered'; readonly results: FilterResults }

/** Of the reply before a piece so many characters are judged again with it: more than a judge reads at once. */
const CONTEXT_CHARACTERS = 2000

/** A reply that is judged while it is written: text goes in as the model writes it, and comes out once it was judged. */
export class FilteredReply {
  readonly #judge: (text: string) => Promise<Harm>
  readonly #find: (harm: Harm) => Finding
  readonly #pieceOf: (waiting: string, before: number) => number
  #before = ''
  #waiting = ''
  #harm = NO_HARM
  #filtered = false

  /** @param pieceOf how much of what waits is judged next, in characters; 0: not yet enough */
  constructor(
    judge: (text: string) => Promise<Harm>,
    find: (harm: Harm) => Finding,
    pieceOf: (waiting: string, before: number) => number,
  ) {
    this.#judge = judge
    this.#find = find
    this.#pieceOf = pieceOf
  }

  get filtered(): boolean {
    return this.#filtered
  }

  async *write(text: string): AsyncGenerator<ReplyPart> {
    if (this.#filtered) return
    this.#waiting += text
    yield* this.#letThrough(this.#pieceOf(this.#waiting, this.#before.length))
  }

  async *end(): AsyncGenerator<ReplyPart> {
    yield* this.#letThrough(this.#waiting.length)
  }

  async *#letThrough(length: number): AsyncGenerator<ReplyPart> {
    if (length === 0) return
    const text = this.#waiting.slice(0, length)
    this.#harm = worse(this.#harm, await this.#judge(this.#before.slice(-CONTEXT_CHARACTERS) + text))
    const { results, filtered } = this.#find(this.#harm)
    this.#filtered = filtered
    this.#before += text
    this.#waiting = filtered ? '' : this.#waiting.slice(length)
    yield filtered ? { type: 'filtered', results } : { type: 'text', text, results }
  }
}
