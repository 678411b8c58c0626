import type { Judgement } from '../judges/index.ts'

/** Rows whose judgements are kept: about 10 MB. Files repeat a row near by, or through and through a few of them. */
const MOST_ROWS = 10_000

/** Judgements of the rows judged last, by the key of the row, so that an identical row is not judged again; keeps no text. */
export class RecentJudgements {
  readonly #byRow = new Map<string, readonly Judgement[]>()

  get(key: string): readonly Judgement[] | undefined {
    return this.#byRow.get(key)
  }

  set(key: string, judgements: readonly Judgement[]): void {
    this.#byRow.set(key, judgements)
    if (this.#byRow.size > MOST_ROWS) this.#byRow.delete(this.#byRow.keys().next().value as string)
  }
}
