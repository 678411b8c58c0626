import type { Category } from '../harm/index.ts'

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1'
export const PREDICATE_TYPE = 'urn:assay:safety-evaluation:v1'

/** What an attestation says: the predicate of an in-toto statement (github.com/in-toto/attestation, Statement v1). */
export interface SafetyEvaluation {
  readonly deployable: boolean
  readonly failedCategories: readonly Category[]
  /** Where the outcome is `undecided`: in which categories. */
  readonly undecidedCategories?: readonly Category[] | undefined
  readonly outcome: 'passed' | 'failed' | 'undecided'
  readonly policyDigest: string
  readonly policyVersion: string
  readonly judge: { readonly name: string; readonly digest: string }
  readonly baseModel: { readonly name: string; readonly digest: string }
  /** RFC 3339, UTC. */
  readonly evaluatedAt: string
}

/** A DSSE envelope (github.com/secure-systems-lab/dsse), as it is stored and handed out. */
export interface Envelope {
  readonly payloadType: typeof PAYLOAD_TYPE
  /** Base64 of the statement. */
  readonly payload: string
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[]
}
