import type { CapabilityTier } from 'assay/harm'

/** A base model that can be tuned. */
export interface CatalogueModel {
  readonly name: string
  /** Weights in the assets folder, pinned. */
  readonly weights: { readonly file: string; readonly sha256: string }
  /** Stacked under the customer's adapter, and merged into the base before tuning. */
  readonly aligned: boolean
  readonly licence: string
  readonly source: string
  /** As `npm run bench reading` measured it. */
  readonly tier: CapabilityTier
  /** Tokens. */
  readonly contextLength: number
  readonly createdAt: number
}
