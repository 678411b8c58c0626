// Progress and failures of set-up, on standard error.
import { spawnSync } from 'node:child_process'

const started = Date.now()

export function say(text) {
  const seconds = Math.round((Date.now() - started) / 1000)
  process.stderr.write(`[set-up ${String(seconds).padStart(3)} s] ${text}\n`)
}

/** Ends set-up with what is wrong and what to do about it. */
export function stop(problem, remedy) {
  process.stderr.write(`\nSet-up cannot go on: ${problem}\nWhat to do: ${remedy}\n`)
  process.exit(1)
}

/** Runs a command to its end; what it prints is shown only when it fails. */
export function run(command, args, options, remedy) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28, ...options })
  if (result.status === 0) return result.stdout
  if (result.signal === 'SIGINT') process.exit(130)
  process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`)
  stop(`\`${[command, ...args].join(' ')}\` failed.`, remedy)
}
