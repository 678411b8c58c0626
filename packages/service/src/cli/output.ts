import { plainText, terminalWidth } from 'assay/terminal'
import { table } from './table.ts'

/**
 * Prints values as JSON, or as columns for reading, as wide as the terminal: no colour, one line a value. What is no value is said
 * on standard error: that there is none, and which columns a narrow terminal has no room for.
 *
 * @param none what is said where there is nothing to list, with the command that makes the first one
 */
export function print(
  values: readonly object[],
  columns: readonly string[],
  json: boolean,
  none = 'There is nothing to list.',
): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`)
    return
  }
  if (values.length === 0) {
    process.stderr.write(`${none}\n`)
    return
  }
  const head = columns.map((name) => name.toUpperCase())
  const rows = values.map((value) => columns.map((name) => cell(value, name)))
  const width = process.stdout.isTTY ? terminalWidth(process.stdout) : undefined
  const { text, leftOut } = table(head, rows, width)
  process.stdout.write(text)
  if (leftOut.length > 0) {
    process.stderr.write(`No room for ${leftOut.join(', ')}: widen the terminal, or ask with --json.\n`)
  }
}

/** Prints one value: JSON, or a line for each of its fields. */
export function printOne(value: object, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
    return
  }
  for (const name of Object.keys(value)) {
    const text = cell(value, name)
    if (text !== '') process.stdout.write(`${name}: ${text}\n`)
  }
}

function cell(value: object, name: string): string {
  const found = (value as Record<string, unknown>)[name]
  if (found === null || found === undefined) return ''
  if (typeof found === 'number' && name.endsWith('_at')) return new Date(found * 1000).toISOString().replace('.000', '')
  // What others named comes to this terminal: nothing in it may steer it, or break its line.
  return plainText(typeof found === 'object' ? JSON.stringify(found) : String(found))
}
