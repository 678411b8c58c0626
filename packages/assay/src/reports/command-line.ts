import { shellQuoted } from '../terminal/index.ts'

/** A command as a POSIX shell reads it: what is more than plain characters stands in quotation marks. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : shellQuoted(word))).join(' ')
}
