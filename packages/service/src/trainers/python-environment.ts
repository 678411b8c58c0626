import { join } from 'node:path'
import { ROOT } from '../installation/index.ts'

/** The Python with torch, transformers, peft and gguf that set-up installed, or the one that ASSAY_PYTHON names. */
export function pythonProgram(): string {
  return process.env.ASSAY_PYTHON ?? join(ROOT, '.assay', 'python', 'bin', 'python')
}

/** The folder that holds the package `assay_trainer`. */
export const TRAINER_FOLDER = join(ROOT, 'python', 'trainer')
