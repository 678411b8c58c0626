import type { Argument, Command, Option } from 'commander'

/** What may stand where a value is expected: one of some words, a file, or anything. */
export type Completed = { readonly words: readonly string[] } | 'file' | 'anything'

export interface CompletedOption {
  /** `-h`, `--help`. */
  readonly flags: readonly string[]
  readonly description: string
  /** Undefined where the option takes no value. */
  readonly value: Completed | undefined
}

/** What can follow the words of one command. */
export interface CompletedCommand {
  /** From the program on: `assay jobs list`. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly CompletedOption[]
  readonly argument: Completed
}

/** Every command of a program, with what its help shows. */
export function commandTree(command: Command, path = command.name()): CompletedCommand[] {
  const help = command.createHelp()
  const children = help.visibleCommands(command)
  const [argument] = command.registeredArguments
  const own: CompletedCommand = {
    path,
    commands: children.map((child) => ({ name: child.name(), description: firstSentence(child.description()) })),
    options: help.visibleOptions(command).map(completedOption),
    argument: argument ? completed(argument) : 'anything',
  }
  // The `help` that commander adds takes no more than what it stands beside.
  const others = children.filter((child) => command.commands.includes(child))
  return [own, ...others.flatMap((child) => commandTree(child, `${path} ${child.name()}`))]
}

function completedOption(option: Option): CompletedOption {
  return {
    flags: [option.short, option.long].flatMap((flag) => (flag ? [flag] : [])),
    description: firstSentence(option.description),
    value: option.required || option.optional ? completed(option) : undefined,
  }
}

/** Which values are paths is told by what the help calls them. */
function completed(value: Option | Argument): Completed {
  if (value.argChoices) return { words: value.argChoices }
  const name = 'flags' in value ? (/[<[]([\w-]+)/.exec(value.flags)?.[1] ?? '') : value.name()
  return /^(file|dir|judge|attestation)$/.test(name) ? 'file' : 'anything'
}

/** A list of completions has a line for each. */
function firstSentence(text: string): string {
  return (/^.*?(?=[.;:]( |$)|$)/.exec(text.replaceAll('\n', ' '))?.[0] ?? '').trim()
}
