import { AttestationError, type SafetyEvaluation, verify } from 'assay/attestation'
import { policyDigest } from 'assay/harm'
import type { Evidence } from '../service/models.ts'

/** What this browser found when it went over an attestation by itself. */
export type Verification =
  | { readonly outcome: 'verified'; readonly evaluation: SafetyEvaluation; readonly ownPolicy: boolean }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }
  /** This browser cannot check signatures of this kind, here: it says neither yes nor no. */
  | { readonly outcome: 'unable'; readonly why: string }

/** Checks signature, subject, base and policy with WebCrypto, by the code that the service itself deploys by. */
export async function verifyAttestation(evidence: Evidence): Promise<Verification> {
  const unable = await reasonOfInability()
  if (unable) return { outcome: 'unable', why: unable }
  try {
    const evaluation = await verify(evidence.envelope, {
      publicKeysPem: evidence.public_keys,
      subjectSha256: evidence.subject_sha256,
      policyDigests: evidence.policy_digests,
    })
    if (evaluation.baseModel.digest !== evidence.base_sha256) {
      const message = 'The attestation was made on another base model than the one that is here now.'
      return { outcome: 'refused', code: 'attestation_wrong_base', message }
    }
    return { outcome: 'verified', evaluation, ownPolicy: evaluation.policyDigest === (await policyDigest()) }
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error
    return { outcome: 'refused', code: error.code, message: error.message }
  }
}

async function reasonOfInability(): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) {
    return 'Browsers offer WebCrypto only over HTTPS or on this very machine (localhost), and this page came otherwise.'
  }
  try {
    await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])
    return undefined
  } catch {
    return 'This browser does not know Ed25519 (it needs Chrome 137, Firefox 129, Safari 17 or later).'
  }
}
