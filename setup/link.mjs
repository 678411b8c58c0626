import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'

/** A symbolic link at `path`, made anew only where it points elsewhere. */
export function link(target, path) {
  try {
    if (readlinkSync(path) === target) return
  } catch {
    // There is none yet.
  }
  rmSync(path, { recursive: true, force: true })
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path)
}
