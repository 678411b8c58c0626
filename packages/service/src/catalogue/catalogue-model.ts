import type { CapabilityTier } from 'assay/harm'

/** A base model that can be tuned. */
export interface CatalogueModel {
  readonly name: string
  /** Weights in the assets folder, pinned. */
  readonly weights: { readonly file: string; readonly sha256: string }
  /** Of a llama, as its GGUF file says it. */
  readonly architecture: {
    readonly layers: number
    readonly hidden: number
    readonly inner: number
    readonly heads: number
    readonly kv_heads: number
  }
  /** Stacked under the customer's adapter, and merged into the base before tuning. */
  readonly aligned: boolean
  /** What a PEFT configuration calls it, without the folder or owner before it; written in whichever case. */
  readonly repositories: readonly string[]
  readonly licence: string
  readonly source: string
  /** As `npm run bench reading` measured it. */
  readonly tier: CapabilityTier
  /** Tokens. */
  readonly contextLength: number
  readonly createdAt: number
}
