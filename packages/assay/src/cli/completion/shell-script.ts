import { shellQuoted } from '../../terminal/index.ts'
import type { Completed, CompletedCommand } from './command-tree.ts'

export function hasCommands({ commands }: CompletedCommand): boolean {
  return commands.length > 0
}

/** What a branch does with each kind of value. */
type Branches = {
  readonly words: (choices: readonly string[]) => string
  readonly file: string
  readonly anything?: string
}

/** Goes from `$at` to the command that `$word` names in it, where it names one. */
export function readPath(commands: readonly CompletedCommand[], indent: string): string {
  const paths = commands.slice(1).map(({ path }) => shellQuoted(path))
  return `${indent}case "$at $word" in\n${indent}  ${paths.join('|')}) at="$at $word" ;;\n${indent}esac`
}

/** Branches on a command and the option before the word: what its value may be. */
export function valuesByFlag(commands: readonly CompletedCommand[], branches: Branches): string {
  return commands
    .flatMap(({ path, options }) =>
      options.flatMap(({ flags, value }) => {
        const does = value && branch(value, branches)
        return does ? [`    ${flags.map((flag) => shellQuoted(`${path} ${flag}`)).join('|')}) ${does} ;;`] : []
      }),
    )
    .join('\n')
}

/** Branches on a command: what its argument may be. */
export function ends(commands: readonly CompletedCommand[], branches: Branches): string {
  return commands
    .flatMap(({ path, argument }) => {
      const does = branch(argument, branches)
      return does ? [`    ${shellQuoted(path)}) ${does} ;;`] : []
    })
    .join('\n')
}

function branch(value: Completed, branches: Branches): string | undefined {
  if (value === 'file' || value === 'anything') return branches[value]
  return branches.words(value.words)
}
