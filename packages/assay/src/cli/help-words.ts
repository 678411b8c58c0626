import type { Command } from 'commander'

const HELP = new Set(['--help', '-h'])

/** `assay help jobs create` asks for what `assay jobs create --help` says; commander itself goes one word deep. */
export function withHelpLast(words: readonly string[]): readonly string[] {
  const [first, ...rest] = words
  return first === 'help' && rest.length > 0 && !rest.some((word) => HELP.has(word)) ? [...rest, '--help'] : words
}

/** The first word that is no command, where help is asked for it: commander would answer with that of its parent. */
export function unknownInHelp(program: Command, words: readonly string[]): string | undefined {
  if (!words.some((word) => HELP.has(word))) return undefined
  let command = program
  for (const word of words) {
    if (word.startsWith('-') || command.commands.length === 0) return undefined
    const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word))
    if (!next) return word === 'help' ? undefined : word
    command = next
  }
  return undefined
}
