const REDRAW_MS = 500
/** Where nobody watches a terminal, the state is told this often, in milliseconds. */
const TELL_MS = 30_000

/** Lines that stay, and below them a block that is drawn anew: on a terminal. Elsewhere the block is a line now and then. */
export class Screen {
  readonly #started = Date.now()
  readonly #terminal = process.stdout.isTTY === true
  #drawn = 0
  #last = 0

  /** A line that stays, with the time since the start. */
  say(text: string): void {
    this.clear()
    process.stdout.write(`[${clock(Date.now() - this.#started)}] ${text}\n`)
  }

  /** Text as it is: a piece of a reply, a table. */
  write(text: string): void {
    this.clear()
    process.stdout.write(text)
  }

  /** What is going on at present. */
  show(block: readonly string[]): void {
    const now = Date.now()
    if (now - this.#last < (this.#terminal ? REDRAW_MS : TELL_MS)) return
    this.#last = now
    if (!this.#terminal) {
      this.say(block.map((line) => line.trim().replace(/\s{2,}/g, '  ')).join('; '))
      return
    }
    const width = (process.stdout.columns ?? 80) - 1
    this.clear()
    process.stdout.write(block.map((line) => `${line.slice(0, width)}\n`).join(''))
    this.#drawn = block.length
  }

  clear(): void {
    if (this.#drawn === 0) return
    process.stdout.write(`\x1b[${this.#drawn}A\x1b[J`)
    this.#drawn = 0
  }
}

/** Minutes and seconds, `3:07`. */
export function clock(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
