import {
  AttestationError,
  type Envelope,
  generateSigningKey,
  keyId,
  type SafetyEvaluation,
  sign,
  verify,
} from 'assay/attestation'
import { type Assessment, POLICY, policyDigest } from 'assay/harm'
import { sql as raw } from 'kysely'
import type { KeyEncryptionKey, Sql } from '../storage/index.ts'

/** Milliseconds. */
const DAY = 24 * 3600 * 1000

/** Policies that a deployment accepts verdicts of: those that were shipped, and nothing else. */
export async function shippedPolicyDigests(): Promise<readonly string[]> {
  return [await policyDigest()]
}

/** The verdict that a signed evaluation states. */
export function assessmentOf(evaluation: SafetyEvaluation): Assessment {
  const subject = 'model'
  switch (evaluation.outcome) {
    case 'passed':
      return { outcome: 'passed', subject }
    case 'failed':
      return { outcome: 'failed', subject, failedCategories: evaluation.failedCategories }
    case 'undecided':
      return { outcome: 'undecided', subject, undecidedCategories: evaluation.undecidedCategories ?? [] }
  }
}

/** A verdict as it was stored: nobody has verified it yet. */
export interface FoundVerdict {
  readonly envelope: Envelope
  readonly passed: boolean
}

/** Verdicts: signed once, remembered, one a digest, policy and base model. */
export class Attestations {
  readonly #sql: Sql
  readonly #keys: KeyEncryptionKey
  readonly #trusted: readonly string[]

  /** `trusted`: public keys in PEM of others whose verdicts count here; the operator's to say, and no request's. */
  constructor(sql: Sql, keys: KeyEncryptionKey, trusted: readonly string[] = []) {
    this.#sql = sql
    this.#keys = keys
    this.#trusted = trusted
  }

  /** Makes this installation's signing key at the first start; later throws where the present key does not open it. */
  async ensureSigningKey(): Promise<void> {
    const existing = await this.#sql.selectFrom('signing_keys').select('wrapped_private_key').executeTakeFirst()
    if (existing) {
      this.#keys.unwrap(existing.wrapped_private_key)
      return
    }
    const { privateKeyPem, publicKeyPem } = await generateSigningKey()
    await this.#sql
      .insertInto('signing_keys')
      .values({
        id: await keyId(publicKeyPem),
        public_key: publicKeyPem,
        wrapped_private_key: this.#keys.wrap(Buffer.from(privateKeyPem)),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }

  /** Whose verdicts count: this installation's keys, and those that its operator trusts. */
  async publicKeys(sql: Sql = this.#sql): Promise<readonly string[]> {
    const rows = await sql.selectFrom('signing_keys').select('public_key').execute()
    return [...rows.map((row) => row.public_key), ...this.#trusted]
  }

  /**
   * What an attestation says, once it is known to be signed by a key that counts here, to speak of these bytes on this
   * base model, and to hold to a policy that was shipped. Whether that is `deployable` is for the caller to read.
   *
   * @param publicKeysPem whose signature counts, where not one of `publicKeys` does
   * @throws {AttestationError}
   */
  async verified(
    envelope: unknown,
    of: { readonly sha256: string; readonly baseDigest: string },
    publicKeysPem?: readonly string[],
  ): Promise<SafetyEvaluation> {
    const evaluation = await verify(envelope, {
      publicKeysPem: publicKeysPem ?? (await this.publicKeys()),
      subjectSha256: of.sha256,
      policyDigests: await shippedPolicyDigests(),
    })
    if (evaluation.baseModel.digest === of.baseDigest) return evaluation
    const message = 'The attestation speaks of another base model than the present one.'
    throw new AttestationError('attestation_wrong_base', message)
  }

  async sign(evaluation: SafetyEvaluation, subject: { name: string; sha256: string }): Promise<Envelope> {
    const key = await this.#sql
      .selectFrom('signing_keys')
      .select('wrapped_private_key')
      .orderBy('created_at', 'desc')
      .executeTakeFirstOrThrow()
    return sign(evaluation, subject, this.#keys.unwrap(key.wrapped_private_key).toString('utf8'))
  }

  /** The verdict on these bytes under the present policy, on this base model, by a key that counts now; whichever way it went. */
  async find(resourceId: string, sha256: string, baseDigest: string): Promise<FoundVerdict | undefined> {
    const row = (await this.#thatCount(resourceId, sha256)).find((row) => row.base_digest === baseDigest)
    return row && { envelope: row.envelope as Envelope, passed: row.outcome === 'passed' }
  }

  /** Whether a verdict on these bytes that counts now, on whatever base, is other than a pass. */
  async isBlocked(resourceId: string, sha256: string): Promise<boolean> {
    return (await this.#thatCount(resourceId, sha256)).some((row) => row.outcome !== 'passed')
  }

  /**
   * Evaluations of a resource's models on a base that did not end in a pass, within the policy's window: digests that
   * were blocked or stayed undecided, under whatever policy, and evaluations that were cancelled half-way.
   */
  async blocks(resourceId: string, baseModel: string): Promise<number> {
    const since = new Date(Date.now() - POLICY.model.shopping.window_days * DAY)
    const { blocked } = await this.#sql
      .selectFrom('attestations')
      .select((expression) => expression.fn.count<number>('subject_sha256').distinct().as('blocked'))
      .where('resource_id', '=', resourceId)
      .where('base_model', '=', baseModel)
      .where('outcome', '!=', 'passed')
      .where('created_at', '>=', since)
      .executeTakeFirstOrThrow()
    const { abandoned } = await this.#sql
      .selectFrom('abandoned_evaluations')
      .select((expression) => expression.fn.countAll<number>().as('abandoned'))
      .where('resource_id', '=', resourceId)
      .where('base_model', '=', baseModel)
      .where('created_at', '>=', since)
      .executeTakeFirstOrThrow()
    return Number(blocked) + Number(abandoned)
  }

  /** Remembers a verdict; the first one on a digest and its base model stands, as long as its key counts. */
  async record(
    sql: Sql,
    resourceId: string,
    evaluation: SafetyEvaluation,
    sha256: string,
    envelope: Envelope,
  ): Promise<void> {
    const { outcome, policyDigest, baseModel } = evaluation
    const verdict = { base_model: baseModel.name, outcome, envelope: JSON.stringify(envelope) }
    const of = { subject_sha256: sha256, policy_digest: policyDigest, base_digest: baseModel.digest }
    const signers = await this.#signers(sql)
    await sql
      .insertInto('attestations')
      .values({ resource_id: resourceId, ...of, ...verdict })
      .onConflict((conflict) =>
        conflict
          .columns(['resource_id', 'subject_sha256', 'policy_digest', 'base_digest'])
          .doUpdateSet({ ...verdict, created_at: new Date() })
          .where(raw<boolean>`not ${signedByOne(signers)}`),
      )
      .execute()
  }

  /** Verdicts on these bytes under the present policy, by keys that count now: one a base model. */
  async #thatCount(resourceId: string, sha256: string) {
    return this.#sql
      .selectFrom('attestations')
      .select(['envelope', 'outcome', 'base_digest'])
      .where('resource_id', '=', resourceId)
      .where('subject_sha256', '=', sha256)
      .where('policy_digest', 'in', [...(await shippedPolicyDigests())])
      .where(signedByOne(await this.#signers()))
      .execute()
  }

  async #signers(sql?: Sql): Promise<readonly string[]> {
    return Promise.all((await this.publicKeys(sql)).map(keyId))
  }
}

/** A verdict by a key that no longer counts is as if it had never been given. Whether its signature holds is verified later. */
function signedByOne(keyIds: readonly string[]) {
  return raw<boolean>`exists (
    select from jsonb_array_elements(attestations.envelope -> 'signatures') as signature
    where signature ->> 'keyid' in (${raw.join(keyIds)}))`
}
