import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './served.ts'

/** What the attestation that ships with a base model says. */
export async function shippedAsDeployable(model: string): Promise<boolean> {
  const envelope = JSON.parse(await readFile(join(ROOT, 'weights', 'attestations', `${model}.json`), 'utf8')) as {
    payload: string
  }
  const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as {
    predicate: { deployable: boolean }
  }
  return statement.predicate.deployable
}
