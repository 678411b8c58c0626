import { type Kysely, sql } from 'kysely'

/** Reports that customers ask for when they create a job: files of theirs. */
export const reports = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table jobs add column evaluation_report boolean not null default false').execute(db)
    await sql.raw("alter table jobs add column report_files jsonb not null default '[]'").execute(db)
  },
}
