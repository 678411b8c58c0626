// Node packages by the lock file, and Node 24 among them: the sources are TypeScript that it runs as they are.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './places.mjs'
import { run, say, stop } from './say.mjs'

const NODE = join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const DONE = join(ROOT, 'node_modules', '.assay-installed')

/** Installs what the lock file names, unless that was done before; returns the path of Node 24. */
export function nodePackages() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    stop(`this is Node ${process.versions.node}.`, 'Install Node 20 or later.')
  }
  const lock = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
  if (existsSync(DONE) && readFileSync(DONE, 'utf8') === lock && existsSync(NODE)) return NODE
  say('Installing node packages (about half a minute)')
  // Both would otherwise try to download or compile binaries that their packages already carry.
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', NODE_LLAMA_CPP_SKIP_DOWNLOAD: 'true' }
  run(
    'npm',
    ['ci', '--no-fund', '--no-audit'],
    { cwd: ROOT, env, shell: process.platform === 'win32' },
    'Check that npm reaches its registry, then run the same command again.',
  )
  if (!existsSync(NODE)) {
    run(
      process.execPath,
      ['installArchSpecificPackage.js'],
      { cwd: join(ROOT, 'node_modules', 'node'), env },
      'Check that npm reaches its registry, then run the same command again.',
    )
  }
  run(NODE, ['--version'], {}, 'Remove the folder node_modules and run the same command again.')
  writeFileSync(DONE, lock)
  return NODE
}
