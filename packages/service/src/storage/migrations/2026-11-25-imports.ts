import { type Kysely, sql } from 'kysely'

/** A model that was tuned elsewhere may come without what it was tuned on. */
export const imports = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table jobs alter column training_file drop not null').execute(db)
  },
}
