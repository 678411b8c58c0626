import { plainText, terminalWidth } from 'assay/terminal'
import { table } from './table.ts'

/** Prints values as JSON, or as columns for reading, as wide as the terminal: no colour, one line a value. */
export function print(values: readonly object[], columns: readonly string[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`)
    return
  }
  const rows = values.map((value) => columns.map((name) => cell(value, name)))
  const width = process.stdout.isTTY ? terminalWidth(process.stdout) : undefined
  process.stdout.write(
    table(
      columns.map((name) => name.toUpperCase()),
      rows,
      width,
    ),
  )
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
