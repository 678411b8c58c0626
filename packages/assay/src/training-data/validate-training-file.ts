import { readTrainingFile } from './read-training-file.ts'
import { type Fault, formatOf, type TrainingFormat, type TrainingRow } from './training-row.ts'

/** Fewer examples are refused, as OpenAI and Azure do. */
export const MIN_ROWS = 10
/** Bytes of a training file (Azure: 512 MB). */
export const MAX_FILE_BYTES = 512_000_000

const FAULTS_RETURNED = 100

const ROWS_ARE: Readonly<Record<TrainingFormat, string>> = {
  supervised: 'conversations, {"messages": […]}',
  preference: 'preference pairs, {"input": …, "preferred_output": …, "non_preferred_output": …}',
}

export interface Validation {
  readonly rows: number
  /** The first faults, in the order of the file. */
  readonly faults: readonly Fault[]
  readonly faultCount: number
}

/**
 * Validates a whole file in one pass; every valid row is handed to `onRow`, which may hold the reader back.
 *
 * @param options.format what the rows have to be; left out, what the first valid row is. A file that begins in the other
 * format has that one fault; a later row in it is a fault of its line.
 */
export async function validateTrainingFile(
  chunks: AsyncIterable<Uint8Array>,
  options: {
    readonly format?: TrainingFormat | undefined
    readonly onRow?: (row: TrainingRow) => void | Promise<void>
    readonly signal?: AbortSignal
  } = {},
): Promise<Validation> {
  const faults: Fault[] = []
  let faultCount = 0
  let rows = 0
  let format = options.format
  const add = (fault: Fault) => {
    faultCount += 1
    if (faults.length < FAULTS_RETURNED) faults.push(fault)
  }
  for await (const line of readTrainingFile(chunks)) {
    options.signal?.throwIfAborted()
    if ('fault' in line) {
      add(line.fault)
      continue
    }
    const found = formatOf(line.row)
    format ??= found
    if (found !== format) {
      if (rows === 0) {
        const reason = `The file holds ${ROWS_ARE[found]}; here it has to hold ${ROWS_ARE[format]}.`
        const fault = { line: 0, path: '', code: 'wrong_format', reason }
        return { rows: 0, faults: [fault], faultCount: 1 }
      }
      const reason = `The row is one of ${ROWS_ARE[found]}; the rows before it are ${ROWS_ARE[format]}.`
      add({ line: line.line, path: '', code: 'mixed_formats', reason })
      continue
    }
    rows += 1
    await options.onRow?.(line.row)
  }
  if (rows === 0 && faultCount === 0) {
    add({ line: 0, path: '', code: 'empty_file', reason: 'The file is empty.' })
  } else if (faultCount === 0 && rows < MIN_ROWS) {
    const reason = `The file has ${rows} examples; at least ${MIN_ROWS} are needed.`
    add({ line: 0, path: '', code: 'too_few_examples', reason })
  }
  return { rows, faults, faultCount }
}

/** How many faults there are, and the first of them: `13 faults: line 2: …; line 5: …; …` */
export function faultsText({ faults, faultCount }: Validation, named: number): string {
  const first = faults.slice(0, named).map((fault) => faultText(fault).replace(/\.$/, ''))
  const count = faultCount === 1 ? '1 fault' : `${faultCount} faults`
  return `${count}: ${first.join('; ')}${faultCount > named ? '; …' : '.'}`
}

/** A fault as one line of text: where, and what. */
export function faultText(fault: Fault): string {
  const place = [fault.line > 0 ? `line ${fault.line}` : '', fault.path].filter(Boolean).join(', ')
  return place ? `${place}: ${fault.reason}` : fault.reason
}
