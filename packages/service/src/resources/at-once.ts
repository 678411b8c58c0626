import type { AssayError } from 'assay/errors'

/** Bounds what of one kind is under way at the same time for a resource; in this process, which is the only one of its blobs. */
export class AtOnce {
  readonly #most: number
  readonly #tooMany: () => AssayError
  readonly #underWay = new Map<string, number>()

  constructor(most: number, tooMany: () => AssayError) {
    this.#most = most
    this.#tooMany = tooMany
  }

  /** Does the work, or throws where as much is under way already as may be. */
  async run<Result>(resourceId: string, work: () => Promise<Result>): Promise<Result> {
    const underWay = this.#underWay.get(resourceId) ?? 0
    if (underWay >= this.#most) throw this.#tooMany()
    this.#underWay.set(resourceId, underWay + 1)
    try {
      return await work()
    } finally {
      const left = (this.#underWay.get(resourceId) ?? 1) - 1
      if (left > 0) this.#underWay.set(resourceId, left)
      else this.#underWay.delete(resourceId)
    }
  }
}
