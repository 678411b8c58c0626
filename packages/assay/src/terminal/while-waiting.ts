import { progressLine } from './progress-line.ts'

const SECOND_MS = 1000

/** Says on the terminal what is waited for, and how long already, where that is more than a second. */
export async function whileWaiting<Value>(what: string, wait: Promise<Value>): Promise<Value> {
  const started = performance.now()
  const line = progressLine((seconds: number) => `${what} (${seconds} s)`)
  const timer = setInterval(() => line.show(Math.round((performance.now() - started) / SECOND_MS)), SECOND_MS)
  try {
    return await wait
  } finally {
    clearInterval(timer)
    line.end()
  }
}
