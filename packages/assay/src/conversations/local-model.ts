import type { CapabilityTier } from '../harm/index.ts'
import type { ChatModel } from './chat-model.ts'

/** A chat model on this machine whose bytes are known, so that an attestation can speak of them. */
export interface LocalModel {
  readonly chat: ChatModel
  /** SHA-256 of the adapter as it is served, lower-case hex. */
  readonly sha256: string
  readonly baseModel: { readonly name: string; readonly digest: string }
  /** That of its base. */
  readonly tier: CapabilityTier
  /** The adapter as it is served, until `close`. */
  readonly adapterPath: string
  close(): Promise<void>
}
