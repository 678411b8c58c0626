import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Envelope } from 'assay/attestation'
import type { Locations } from './locations.ts'

/** The attestation that ships with a base model; undefined where none does, and then it cannot be deployed. */
export async function shippedAttestation(name: string, where: Locations): Promise<Envelope | undefined> {
  const text = await readFile(join(where.weights, 'attestations', `${name}.json`), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Envelope)
}

/** The public key that shipped attestations are signed with, as PEM. */
export function releaseKey(where: Locations): Promise<string> {
  return readFile(join(where.weights, 'attestations', 'release-key.pem'), 'utf8')
}
