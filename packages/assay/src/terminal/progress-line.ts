import { plainText } from './plain-text.ts'
import { terminalWidth } from './width.ts'

const INTERVAL_MS = 250

/**
 * One line of progress on standard error that rewrites itself, cut to the terminal's width; nothing where there is none.
 */
export function progressLine<Value>(text: (value: Value) => string) {
  let shown = 0
  return {
    show: (value: Value) => {
      if (!process.stderr.isTTY || Date.now() - shown < INTERVAL_MS) return
      shown = Date.now()
      // A line that wraps could not be taken back.
      const line = plainText(text(value)).slice(0, terminalWidth(process.stderr) - 1)
      process.stderr.write(`\r\x1b[K${line}`)
    },
    end: () => {
      if (shown > 0) process.stderr.write('\r\x1b[K')
    },
  }
}
