import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES } from '../harm/index.ts'
import { fromBase64, importPublicKey, keyId } from './keys.ts'
import { preAuthenticationEncoding } from './sign.ts'
import { PAYLOAD_TYPE, PREDICATE_TYPE, type SafetyEvaluation, STATEMENT_TYPE } from './statement.ts'

export type AttestationErrorCode =
  | 'attestation_malformed'
  | 'attestation_invalid_signature'
  | 'attestation_wrong_subject'
  | 'attestation_wrong_base'
  | 'attestation_unknown_policy'

export class AttestationError extends AssayError {
  constructor(code: AttestationErrorCode, message: string) {
    super(code, message, { status: 409, remedy: 'Evaluate the model again; only an attested model can be deployed.' })
    this.name = 'AttestationError'
  }
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

const envelopeSchema = z.object({
  payloadType: z.literal(PAYLOAD_TYPE),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).min(1),
})

const statementSchema = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z.array(z.object({ name: z.string(), digest: z.object({ sha256 }) })).length(1),
  predicateType: z.literal(PREDICATE_TYPE),
  predicate: z
    .strictObject({
      deployable: z.boolean(),
      failedCategories: z.array(z.enum(CATEGORIES)),
      undecidedCategories: z.array(z.enum(CATEGORIES)).optional(),
      outcome: z.enum(['passed', 'failed', 'undecided']),
      policyDigest: sha256,
      policyVersion: z.string(),
      judge: z.strictObject({ name: z.string(), digest: sha256 }),
      baseModel: z.strictObject({ name: z.string(), digest: sha256 }),
      evaluatedAt: z.iso.datetime(),
    })
    // Who reads the one must not be told otherwise by the other.
    .refine(({ deployable, outcome }) => deployable === (outcome === 'passed')),
})

export interface Trust {
  /** Whose signatures count, SPKI in PEM. */
  readonly publicKeysPem: readonly string[]
  /** SHA-256 of the bytes that are about to be deployed, computed from those bytes. */
  readonly subjectSha256: string
  /** Policies that were shipped; a verdict under another policy is no verdict. */
  readonly policyDigests: readonly string[]
}

/**
 * What the attestation says, once its signature, its subject and its policy are verified. Whether the model is
 * `deployable` is for the caller to read.
 *
 * @throws {AttestationError} for anything else than a whole, trusted attestation of this very subject
 */
export async function verify(envelope: unknown, trust: Trust): Promise<SafetyEvaluation> {
  const parsed = envelopeSchema.safeParse(envelope)
  if (!parsed.success) throw malformed()
  const payload = fromBase64(parsed.data.payload)
  if (!(await signedByAny(payload, parsed.data.signatures, trust.publicKeysPem))) {
    throw new AttestationError(
      'attestation_invalid_signature',
      'The attestation carries no valid signature of a trusted key.',
    )
  }
  const statement = statementSchema.safeParse(parseJson(payload))
  if (!statement.success) throw malformed()
  const { subject, predicate } = statement.data
  if (subject[0]?.digest.sha256 !== trust.subjectSha256) {
    throw new AttestationError(
      'attestation_wrong_subject',
      'The attestation speaks of other bytes than those of this model.',
    )
  }
  if (!trust.policyDigests.includes(predicate.policyDigest)) {
    throw new AttestationError(
      'attestation_unknown_policy',
      'The attestation was made under a policy that is not one of those shipped.',
    )
  }
  return predicate
}

async function signedByAny(
  payload: Uint8Array,
  signatures: readonly { keyid: string; sig: string }[],
  publicKeysPem: readonly string[],
): Promise<boolean> {
  const encoded = preAuthenticationEncoding(payload)
  for (const publicKeyPem of publicKeysPem) {
    const id = await keyId(publicKeyPem)
    for (const { keyid, sig } of signatures) {
      if (keyid !== id) continue
      const key = await importPublicKey(publicKeyPem)
      if (await crypto.subtle.verify({ name: 'Ed25519' }, key, fromBase64(sig), encoded)) return true
    }
  }
  return false
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

function malformed(): AttestationError {
  return new AttestationError('attestation_malformed', 'This is not an attestation of a safety evaluation.')
}
