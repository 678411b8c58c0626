import { type Kysely, sql } from 'kysely'

/** The epoch that training was last paused after: it goes on from the checkpoint of that epoch, which is kept. */
export const pausedJobs = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table jobs add column paused_epoch integer').execute(db)
  },
}
