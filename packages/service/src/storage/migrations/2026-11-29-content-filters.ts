import { type Kysely, sql } from 'kysely'

/** Configurations of content filters, and which one a deployment names; none is the default. */
export const contentFilters = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(`create table content_filters (
        resource_id text not null references resources on delete cascade,
        name text not null,
        base_policy_name text not null,
        mode text not null,
        filters jsonb not null,
        created_at timestamptz not null default now(),
        primary key (resource_id, name)
      )`)
      .execute(db)
    await sql.raw('alter table deployments add column content_filter text').execute(db)
  },
}
