const INTERVAL_MS = 250

/** One line of progress on standard error that rewrites itself; nothing where that is not a terminal. */
export function progressLine<Value>(text: (value: Value) => string) {
  let shown = 0
  return {
    show: (value: Value) => {
      if (!process.stderr.isTTY || Date.now() - shown < INTERVAL_MS) return
      shown = Date.now()
      process.stderr.write(`\r\x1b[K${text(value)}`)
    },
    end: () => {
      if (shown > 0) process.stderr.write('\r\x1b[K')
    },
  }
}
