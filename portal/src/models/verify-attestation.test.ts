import { generateSigningKey, type SafetyEvaluation, sign } from 'assay/attestation'
import { policyDigest } from 'assay/harm'
import { expect, test, vi } from 'vitest'
import type { Evidence } from '../service/models.ts'
import { verifyAttestation } from './verify-attestation.ts'

const digest = (digit: string) => digit.repeat(64)

async function evidence(): Promise<Evidence> {
  const { privateKeyPem, publicKeyPem } = await generateSigningKey()
  const evaluation: SafetyEvaluation = {
    deployable: true,
    failedCategories: [],
    outcome: 'passed',
    policyDigest: await policyDigest(),
    policyVersion: '1',
    judge: { name: 'built-in', digest: digest('b') },
    baseModel: { name: 'base', digest: digest('c') },
    evaluatedAt: '2026-11-24T10:00:00Z',
  }
  const { payloadType, payload, signatures } = await sign(evaluation, { name: 'm', sha256: digest('d') }, privateKeyPem)
  return {
    model: 'm',
    envelope: { payloadType, payload, signatures: [...signatures] },
    subject_sha256: digest('d'),
    base_sha256: digest('c'),
    public_keys: [publicKeyPem],
    policy_digests: [await policyDigest()],
  }
}

test('a whole attestation of these bytes is verified', async () => {
  expect(await verifyAttestation(await evidence())).toMatchObject({ outcome: 'verified', ownPolicy: true })
})

test('other bytes, another base, another key and a changed payload are refused, each by its code', async () => {
  const whole = await evidence()
  const other = await evidence()
  const payload = btoa(atob(whole.envelope.payload).replace('"deployable":true', '"deployable":false'))
  const cases: readonly (readonly [Evidence, string])[] = [
    [{ ...whole, subject_sha256: digest('e') }, 'attestation_wrong_subject'],
    [{ ...whole, base_sha256: digest('e') }, 'attestation_wrong_base'],
    [{ ...whole, public_keys: other.public_keys }, 'attestation_invalid_signature'],
    [{ ...whole, envelope: { ...whole.envelope, payload } }, 'attestation_invalid_signature'],
    [{ ...whole, policy_digests: [digest('e')] }, 'attestation_unknown_policy'],
  ]
  for (const [changed, code] of cases) {
    expect(await verifyAttestation(changed)).toMatchObject({ outcome: 'refused', code })
  }
})

test('a browser without Ed25519 says so, and neither yes nor no', async () => {
  const whole = await evidence()
  vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValueOnce(new DOMException('', 'NotSupportedError'))
  expect(await verifyAttestation(whole)).toMatchObject({ outcome: 'unable' })
})
