import { type Kysely, sql } from 'kysely'

/** How a job learns. Jobs from before are supervised. */
export const methodOfAJob = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw("alter table jobs add column method text not null default 'supervised'").execute(db)
  },
}
