import { type Kysely, sql } from 'kysely'

/** One verdict a digest, policy and base model: an adapter says nothing of how it behaves on another base. */
export const verdictsAndAttempts = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  'alter table attestations add column base_digest text',
  `update attestations set base_digest =
    convert_from(decode(envelope ->> 'payload', 'base64'), 'UTF8')::jsonb #>> '{predicate,baseModel,digest}'`,
  'alter table attestations drop constraint attestations_pkey',
  'alter table attestations add primary key (resource_id, subject_sha256, policy_digest, base_digest)',
  // How often the work of the job's state was begun and neither ended nor let go at a graceful stop.
  'alter table jobs rename column interruptions to attempts',
]
