export interface StoredBlob {
  readonly id: string
  /** SHA-256 of the content before encryption, lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

/**
 * Content of any size under a customer's own key. An implementation keeps these promises:
 * - nothing of the content is ever written unencrypted;
 * - a blob is there as a whole or not at all, also after a power cut;
 * - `get` fails on any changed, missing or reordered byte; what it yielded before that was authentic;
 * - both directions stream: memory does not grow with the size.
 *
 * The reference implementation is `encrypted-blobs.ts`.
 */
export interface Blobs {
  put(dataKey: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<StoredBlob>
  get(dataKey: Uint8Array, id: string): AsyncIterable<Uint8Array>
  delete(id: string): Promise<void>
  /** Deletes what a crash left behind: half-written blobs, and those that `isReferenced` denies. */
  sweep(isReferenced: (id: string) => Promise<boolean>): Promise<void>
}
