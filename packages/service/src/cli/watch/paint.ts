import { styleText } from 'node:util'

/** Only on a terminal, and not where NO_COLOR is set (no-color.org). */
export function paint(colour: 'green' | 'cyan' | 'red' | 'gray' | 'yellow', text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}
