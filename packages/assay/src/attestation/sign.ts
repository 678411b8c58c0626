import canonicalize from 'canonicalize'
import { base64, importPrivateKey, keyId, publicKeyOf } from './keys.ts'
import { type Envelope, PAYLOAD_TYPE, PREDICATE_TYPE, type SafetyEvaluation, STATEMENT_TYPE } from './statement.ts'

/**
 * Binds an evaluation to the digest of what it speaks of: an in-toto Statement v1 in a DSSE envelope, signed with
 * Ed25519.
 *
 * @param subject name and SHA-256 (lower-case hex) of the adapter, or of the base model where there is none
 */
export async function sign(
  evaluation: SafetyEvaluation,
  subject: { readonly name: string; readonly sha256: string },
  privateKeyPem: string,
): Promise<Envelope> {
  const statement = {
    _type: STATEMENT_TYPE,
    subject: [{ name: subject.name, digest: { sha256: subject.sha256 } }],
    predicateType: PREDICATE_TYPE,
    predicate: evaluation,
  }
  const payload = new TextEncoder().encode(canonicalize(statement))
  const key = await importPrivateKey(privateKeyPem)
  const signature = await crypto.subtle.sign({ name: 'Ed25519' }, key, preAuthenticationEncoding(payload))
  return {
    payloadType: PAYLOAD_TYPE,
    payload: base64(payload),
    signatures: [{ keyid: await keyId(await publicKeyOf(privateKeyPem)), sig: base64(new Uint8Array(signature)) }],
  }
}

/** PAE of the DSSE protocol: what is signed is the type and the payload with their lengths, never the bare payload. */
export function preAuthenticationEncoding(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `)
  const encoded = new Uint8Array(head.length + payload.length)
  encoded.set(head)
  encoded.set(payload, head.length)
  return encoded
}
