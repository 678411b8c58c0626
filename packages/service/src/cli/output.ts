/** Prints values as JSON, or as columns for reading: no colour, one line a value. */
export function print(values: readonly object[], columns: readonly string[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(values, undefined, 2)}\n`)
    return
  }
  const cells = [
    columns.map((name) => name.toUpperCase()),
    ...values.map((value) => columns.map((name) => cell(value, name))),
  ]
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)))
  for (const row of cells) {
    process.stdout.write(
      `${row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
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
  if (typeof found === 'number' && name.endsWith('_at')) return new Date(found * 1000).toISOString()
  return typeof found === 'object' ? JSON.stringify(found) : String(found)
}
