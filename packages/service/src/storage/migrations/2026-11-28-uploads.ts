import { type Kysely, sql } from 'kysely'

/** Uploads in parts: what was said of them, and the parts that have come. */
export const uploads = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  // `bytes` is what the client said that the file will have, `lifetime` how many seconds the file is to be kept.
  `create table uploads (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    filename text not null,
    bytes bigint not null,
    lifetime bigint,
    status text not null default 'pending',
    file_id text references files on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`,
  'create index uploads_of_resource on uploads (resource_id)',
  `create table upload_parts (
    id text primary key,
    upload_id text not null references uploads on delete cascade,
    blob_id text not null,
    bytes bigint not null,
    created_at timestamptz not null default now()
  )`,
  'create index parts_of_upload on upload_parts (upload_id)',
]
