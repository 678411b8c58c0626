import { parseJson } from './json-text.ts'
import type { Line } from './read-lines.ts'
import type { Fault } from './training-row.ts'

/**
 * The fault of a file that holds no JSON lines at all, told by its first line that is not blank: one fault, where each of its lines
 * would be one.
 */
export function faultOfNoLines({ number, bytes, tooLong }: Line): Fault | undefined {
  if (number === 1 && isUtf16(bytes)) {
    return { line: 0, path: '', code: 'invalid_utf8', reason: 'The file is UTF-16. Save it as UTF-8.' }
  }
  const text = new TextDecoder().decode(bytes).trim()
  if (!text.startsWith('[') || (!tooLong && parseJson(text) !== undefined)) return undefined
  return { line: 0, path: '', code: 'invalid_json', reason: `The file is one JSON array. ${ONE_OBJECT_A_LINE}` }
}

/** Also what to do about a line that is a whole array: the file may be that line, or have many of them. */
export const ONE_OBJECT_A_LINE =
  'Write one object a line, without the brackets around them and the commas between them.'

/** A byte order mark, or a first character of two bytes one of which is nothing: JSON begins with one of ASCII. */
function isUtf16([first, second]: Uint8Array): boolean {
  if (first === undefined || second === undefined) return false
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  return (first === 0) !== (second === 0)
}
