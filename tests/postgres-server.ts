/** A PostgreSQL server for one test, where its programs are on this machine. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** Debian keeps them out of the path. */
const folders = [...(process.env.PATH ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin')]
/** Folder of PostgreSQL's programs; undefined where there is none. */
export const POSTGRES = folders.find((folder) =>
  ['initdb', 'pg_ctl', 'createdb'].every((name) => existsSync(join(folder, name))),
)

/** It runs as nobody where the test runs as root, which PostgreSQL refuses. */
const NOBODY = 65534
const owner = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}

/** @param user who may do everything, without a password, and has a database of that name */
export async function postgresServer(user: string) {
  const folder = await mkdtemp(join(tmpdir(), 'assay-postgres-'))
  if (owner.uid) await chown(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const program = (name: string, ...args: string[]) =>
    promisify(execFile)(join(POSTGRES ?? '', name), args, { cwd: folder, ...owner })
  const port = await freePort()
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`
  const stop = async () => {
    await program('pg_ctl', 'stop', '--mode', 'immediate', '--pgdata', data)
    await rm(folder, { recursive: true, force: true })
  }
  await program('initdb', '--pgdata', data, '--username', user, '--auth', 'trust', '--no-sync')
  await program('pg_ctl', 'start', '--wait', '--pgdata', data, '--log', join(folder, 'log'), '--options', settings)
  try {
    await program('createdb', '--host', '127.0.0.1', '--port', `${port}`, '--username', user, user)
  } catch (error) {
    await stop()
    throw error
  }
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: stop }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
