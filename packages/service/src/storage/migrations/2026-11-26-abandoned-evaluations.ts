import { type Kysely, sql } from 'kysely'

/**
 * Model evaluations that their owner cancelled when conversations were being counted: tries that did not pass, which
 * stay when the job is deleted.
 */
export const abandonedEvaluations = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(`create table abandoned_evaluations (
        id text primary key,
        resource_id text not null references resources on delete cascade,
        base_model text not null,
        created_at timestamptz not null default now()
      )`)
      .execute(db)
  },
}
