import { join, resolve, sep } from 'node:path'
import { ROOT } from '../installation/index.ts'

/** The Python with torch, transformers, peft and gguf that set-up installed, or the one that ASSAY_PYTHON names. */
export function pythonProgram(): string {
  const named = process.env.ASSAY_PYTHON
  if (named === undefined) return join(ROOT, '.assay', 'python', 'bin', 'python')
  // It is started in a folder of its own; a bare name is looked for on the path.
  return named.includes(sep) ? resolve(named) : named
}

/** The folder that holds the package `assay_trainer`. */
export const TRAINER_FOLDER = join(ROOT, 'python', 'trainer')
