import type { WriteStream } from 'node:tty'

/** Columns of a terminal; 80 where it says nothing of them, or 0, as some do. */
export function terminalWidth({ columns }: WriteStream): number {
  return columns || 80
}
