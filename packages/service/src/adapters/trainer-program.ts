import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { AssayError } from 'assay/errors'
import { SET_UP } from '../installation/index.ts'
import { pythonProgram, TRAINER_FOLDER } from '../trainers/index.ts'

interface Ended {
  readonly code: number | string | null
  readonly stdout: string
}

/**
 * Runs a program of the trainer's Python package until it ends.
 * @param seconds after which it is ended
 * @throws {AssayError} `trainer_unavailable` where there is no Python to run it
 */
export async function runTrainerProgram(module: string, args: readonly string[], seconds: number): Promise<Ended> {
  const settings = {
    cwd: TRAINER_FOLDER,
    timeout: seconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 20,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', OPENBLAS_NUM_THREADS: '1', MALLOC_TRIM_THRESHOLD_: undefined },
  } as const
  try {
    const { stdout } = await promisify(execFile)(pythonProgram(), ['-m', `assay_trainer.${module}`, ...args], settings)
    return { code: 0, stdout }
  } catch (error) {
    const { code = null, stdout = '' } = error as { code?: number | string | null; stdout?: string }
    if (code !== 'ENOENT') return { code, stdout }
    throw new AssayError('trainer_unavailable', 'The Python environment is missing.', {
      cause: error,
      status: 503,
      remedy: `Run ${SET_UP}, which installs it.`,
    })
  }
}
