// Python with torch, transformers, peft and trl, every package pinned by hash; shared by clones with the same lock file.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { link } from './link.mjs'
import { CACHE, LINKS, ROOT } from './places.mjs'
import { run, say, stop } from './say.mjs'

const LOCK = join(ROOT, 'python', 'requirements.lock')
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python']

/** A Python of 3.11 or later on this machine. */
export function findPython() {
  const check = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 11) else 1)'
  const found = CANDIDATES.find((name) => spawnSync(name, ['-c', check]).status === 0)
  if (found) return found
  stop(
    'no Python 3.11 or later with venv was found.',
    'Install Python 3.11 or later (on Debian: apt-get install python3 python3-venv).',
  )
}

/** Creates the environment unless it is there and whole; returns the path of its interpreter. */
export function pythonEnvironment() {
  const python = findPython()
  const version = run(
    python,
    ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
    {},
    'Install Python 3.11 or later.',
  ).trim()
  const lock = createHash('sha256').update(readFileSync(LOCK)).digest('hex').slice(0, 16)
  const folder = join(CACHE, `python-${version}-${lock}`)
  const done = join(folder, '.assay-complete')
  if (!existsSync(done)) {
    say('Installing the Python environment: torch, transformers, peft, trl (about two minutes, 6 GB)')
    // What an interrupted set-up left is not trusted.
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(CACHE, { recursive: true })
    const retry = 'Check that pip reaches its index and that 7 GB are free, then run the same command again.'
    run(python, ['-m', 'venv', folder], {}, 'Install the venv module (on Debian: apt-get install python3-venv).')
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes']
    run(join(folder, 'bin', 'python'), [...pip, '--only-binary', ':all:', '-r', LOCK], {}, retry)
    writeFileSync(done, '')
  }
  link(folder, join(LINKS, 'python'))
  return join(folder, 'bin', 'python')
}
