import { expect, test } from 'vitest'
import { generateSigningKey, keyId, sign, verify } from './index.ts'
import type { SafetyEvaluation } from './statement.ts'

const digest = (digit: string) => digit.repeat(64)

const evaluation: SafetyEvaluation = {
  deployable: true,
  failedCategories: [],
  outcome: 'passed',
  policyDigest: digest('a'),
  policyVersion: '1',
  judge: { name: 'built-in', digest: digest('b') },
  baseModel: { name: 'base', digest: digest('c') },
  evaluatedAt: '2026-11-24T10:00:00Z',
}

async function attested() {
  const keys = await generateSigningKey()
  const envelope = await sign(evaluation, { name: 'adapter', sha256: digest('d') }, keys.privateKeyPem)
  const trust = { publicKeysPem: [keys.publicKeyPem], subjectSha256: digest('d'), policyDigests: [digest('a')] }
  return { keys, envelope, trust }
}

test('a whole attestation says what was signed, through JSON and back', async () => {
  const { keys, envelope, trust } = await attested()
  expect(await verify(JSON.parse(JSON.stringify(envelope)), trust)).toEqual(evaluation)
  expect(envelope.signatures[0]?.keyid).toBe(await keyId(keys.publicKeyPem))
})

test('a flipped bit anywhere in payload or signature is refused', async () => {
  const { envelope, trust } = await attested()
  const flip = (text: string, at: number) => {
    const bytes = Buffer.from(text, 'base64')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes.toString('base64')
  }
  const length = Buffer.from(envelope.payload, 'base64').length
  for (let at = 0; at < length; at += 7) {
    await expect(verify({ ...envelope, payload: flip(envelope.payload, at) }, trust)).rejects.toMatchObject({
      code: 'attestation_invalid_signature',
    })
  }
  const [signature] = envelope.signatures
  for (let at = 0; at < 64; at++) {
    const signatures = [{ keyid: signature?.keyid, sig: flip(signature?.sig ?? '', at) }]
    await expect(verify({ ...envelope, signatures }, trust)).rejects.toMatchObject({
      code: 'attestation_invalid_signature',
    })
  }
})

test('another subject, another policy, another signer and another document are refused, each by its own code', async () => {
  const { envelope, trust } = await attested()
  const stranger = await generateSigningKey()
  const cases = [
    [{ ...trust, subjectSha256: digest('e') }, envelope, 'attestation_wrong_subject'],
    [{ ...trust, policyDigests: [digest('e')] }, envelope, 'attestation_unknown_policy'],
    [{ ...trust, publicKeysPem: [stranger.publicKeyPem] }, envelope, 'attestation_invalid_signature'],
    [trust, { ...envelope, payloadType: 'text/plain' }, 'attestation_malformed'],
    [trust, null, 'attestation_malformed'],
  ] as const
  for (const [trusted, document, code] of cases) {
    await expect(verify(document, trusted)).rejects.toMatchObject({ code })
  }
})
