import { type Kysely, sql } from 'kysely'

/** What had been learned when a checkpoint was made: what it costs, should it pass and its job never end. */
export const tokensOfACheckpoint = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table checkpoints add column trained_tokens integer').execute(db)
  },
}
