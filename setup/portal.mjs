// The portal: built from its sources when they changed, kept in the cache under their digest, linked where the service looks.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { link } from './link.mjs'
import { CACHE, LINKS, ROOT } from './places.mjs'
import { run, say } from './say.mjs'

const SOURCES = join(ROOT, 'portal')
/** Parts of the evaluator that run in the browser too. */
const SHARED = ['attestation', 'errors', 'harm'].map((room) => join(ROOT, 'packages', 'assay', 'src', room))

/** Builds the portal with Node 24, unless these very sources were built before; returns its folder. */
export function portal(node) {
  const folder = join(CACHE, 'portal', digestOfSources())
  if (!existsSync(join(folder, 'index.html'))) build(node, folder)
  link(folder, join(LINKS, 'portal'))
  return join(LINKS, 'portal')
}

function build(node, folder) {
  say('Building the portal (some seconds)')
  const making = `${folder}.${process.pid}`
  mkdirSync(making, { recursive: true })
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')
  run(
    node,
    [vite, 'build', SOURCES, '--outDir', making, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: ROOT, env: { ...process.env, NODE_ENV: 'production' } },
    'Run `npm run check`: it shows what does not compile.',
  )
  compress(join(making, 'assets'))
  // Another clone may have built the same meanwhile.
  rmSync(folder, { recursive: true, force: true })
  renameSync(making, folder)
}

/** Beside each asset what a browser takes in its place: compressed once, here, and not at each request. */
function compress(folder) {
  for (const name of readdirSync(folder)) {
    if (!/\.(js|css|svg)$/.test(name)) continue
    const content = readFileSync(join(folder, name))
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content, quality))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }))
  }
}

function digestOfSources() {
  const hash = createHash('sha256')
  for (const path of [join(ROOT, 'package-lock.json'), ...filesIn(SOURCES), ...SHARED.flatMap(filesIn)]) {
    hash
      .update(`${relative(ROOT, path)}\0`)
      .update(readFileSync(path))
      .update('\0')
  }
  return hash
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex')
    .slice(0, 32)
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !/node_modules|\.test\.tsx?$/.test(path))
    .sort()
}
