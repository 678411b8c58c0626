import type { PGlite } from '@electric-sql/pglite'
import { AssayError } from 'assay/errors'
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Pool, types } from 'pg'
import { openEmbeddedPostgres } from './embedded-postgres.ts'
import { MIGRATIONS } from './migrations/index.ts'
import type { Schema } from './schema.ts'

export type Sql = Kysely<Schema>

/** The database and, where it is embedded, the engine itself: the job queue shares it. */
export interface Database {
  readonly sql: Sql
  readonly embedded: PGlite | undefined
  /** Of the Postgres server; undefined where the database is embedded. */
  readonly url: string | undefined
  ping(): Promise<void>
  close(): Promise<void>
}

/** `url` names a Postgres server; else PGlite in `directory`, or in memory where there is none. */
export async function openDatabase(options: {
  url?: string | undefined
  directory?: string | undefined
}): Promise<Database> {
  const database = options.url ? overPostgres(options.url) : await embedded(options.directory)
  try {
    await migrate(database.sql)
  } catch (error) {
    await database.close()
    throw error
  }
  return database
}

async function embedded(directory: string | undefined): Promise<Database> {
  const pglite = await openEmbedded(directory)
  const sql = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) })
  return {
    sql,
    embedded: pglite,
    url: undefined,
    ping: async () => void (await pglite.query('select 1')),
    close: async () => {
      if (!pglite.closed) await pglite.close()
    },
  }
}

async function openEmbedded(directory: string | undefined): Promise<PGlite> {
  return openEmbeddedPostgres(directory).catch((cause: unknown) => {
    throw new AssayError(
      'database_unreadable',
      `The embedded database${directory ? ` in ${directory}` : ''} cannot be opened.`,
      {
        cause,
        remedy: 'Put back a copy of the data directory, or start with another one (--data-dir).',
      },
    )
  })
}

const INT8 = 20

function overPostgres(url: string): Database {
  // Counts of tokens and bytes stay far below 2^53: read bigint as a number, as PGlite does.
  const getTypeParser = ((id: number, format?: 'text' | 'binary') =>
    id === INT8 ? Number : types.getTypeParser(id, format as 'text')) as typeof types.getTypeParser
  const pool = new Pool({ connectionString: url, types: { getTypeParser } })
  const sql = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  return {
    sql,
    embedded: undefined,
    url,
    ping: async () => void (await pool.query('select 1')),
    close: () => sql.destroy(),
  }
}

async function migrate(sql: Sql): Promise<void> {
  const migrator = new Migrator({ db: sql, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
  const { error } = await migrator.migrateToLatest()
  if (error) {
    throw new AssayError('database_migration_failed', 'The database could not be brought to the current schema.', {
      cause: error,
      remedy: 'Check that the database is reachable and that its user may create tables.',
    })
  }
}
