import { type Kysely, sql } from 'kysely'

/** The first tables. The same statements run on PGlite and on Postgres. */
export const firstTables = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
  },
}

const STATEMENTS = [
  `create table resources (
    id text primary key,
    name text not null unique,
    geography text not null,
    wrapped_data_key text not null,
    created_at timestamptz not null default now()
  )`,
  `create table api_keys (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    name text not null,
    hash text not null unique,
    last_four text not null,
    created_at timestamptz not null default now()
  )`,
  `create table signing_keys (
    id text primary key,
    public_key text not null,
    wrapped_private_key text not null,
    created_at timestamptz not null default now()
  )`,
  `create table files (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    blob_id text not null,
    sha256 text not null,
    bytes bigint not null,
    filename text not null,
    purpose text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz
  )`,
  'create index files_of_resource on files (resource_id, created_at)',
  `create table jobs (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    state text not null,
    surface text not null,
    model text not null,
    training_file text not null,
    validation_file text,
    suffix text,
    seed bigint not null,
    hyperparameters jsonb not null,
    metadata jsonb,
    tuned_model text not null,
    adapter_blob_id text,
    adapter_sha256 text,
    result_file text,
    trained_tokens bigint,
    error_code text,
    error_message text,
    error_param text,
    interruptions integer not null default 0,
    created_at timestamptz not null default now(),
    finished_at timestamptz
  )`,
  'create index jobs_of_resource on jobs (resource_id, created_at)',
  // A job's event is written once, whatever is repeated after an interruption: its key names what happened.
  `create table events (
    sequence bigint generated always as identity primary key,
    id text not null unique,
    job_id text not null references jobs on delete cascade,
    key text not null,
    level text not null,
    type text not null,
    message text not null,
    data jsonb,
    created_at timestamptz not null default now(),
    unique (job_id, key)
  )`,
  `create table checkpoints (
    id text primary key,
    job_id text not null references jobs on delete cascade,
    epoch integer not null,
    step integer not null,
    metrics jsonb not null,
    model text not null unique,
    blob_id text not null,
    sha256 text not null,
    created_at timestamptz not null default now(),
    unique (job_id, epoch)
  )`,
  // Models that passed their evaluation, and no others.
  `create table models (
    name text primary key,
    resource_id text not null references resources on delete cascade,
    job_id text not null references jobs on delete cascade,
    base_model text not null,
    blob_id text not null,
    sha256 text not null,
    created_at timestamptz not null default now()
  )`,
  // The verdicts: one a digest and policy, whichever way it went.
  `create table attestations (
    resource_id text not null references resources on delete cascade,
    subject_sha256 text not null,
    policy_digest text not null,
    base_model text not null,
    outcome text not null,
    envelope jsonb not null,
    created_at timestamptz not null default now(),
    primary key (resource_id, subject_sha256, policy_digest)
  )`,
  `create table deployments (
    resource_id text not null references resources on delete cascade,
    name text not null,
    model text not null,
    sku jsonb,
    created_at timestamptz not null default now(),
    primary key (resource_id, name)
  )`,
  // What was used, as it happens.
  `create table usage (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    job_id text,
    model text not null,
    kind text not null,
    quantity bigint not null,
    created_at timestamptz not null default now()
  )`,
  // What is billed: one charge a job, and only of a job whose model passed. It stays when the job is deleted.
  `create table charges (
    id text primary key,
    resource_id text not null references resources on delete cascade,
    job_id text not null unique,
    line_item text not null,
    quantity bigint not null,
    amount double precision not null,
    currency text not null,
    created_at timestamptz not null default now()
  )`,
]
