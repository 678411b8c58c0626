import { shellQuoted } from '../../terminal/index.ts'
import type { CompletedCommand } from './command-tree.ts'
import { ends, hasCommands, readPath, valuesByFlag } from './shell-script.ts'

/** As a file `_assay` in a folder of `fpath`, or sourced. */
export function zshCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const described = (pairs: readonly (readonly [string, string])[]) =>
    pairs.map(([word, description]) => shellQuoted(`${word.replaceAll(':', '\\:')}:${description}`)).join(' ')
  const words = commands
    .filter(hasCommands)
    .map(
      ({ path, commands: children }) =>
        `    ${shellQuoted(path)}) found=(${described(children.map((child) => [child.name, child.description]))}) ;;`,
    )
  const flags = commands.map(
    ({ path, options }) =>
      `      ${shellQuoted(path)}) found=(${described(options.flatMap((option) => option.flags.map((flag) => [flag, option.description] as const)))}) ;;`,
  )
  return `#compdef ${name}
# zsh completion of ${name}. In ~/.zshrc, after compinit: source <(${name} completion zsh)
_${name}() {
  local at=${shellQuoted(name)} word i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
${readPath(commands, '    ')}
  done
  case "$at \${words[CURRENT - 1]}" in
${valuesByFlag(commands, { words: (choices) => `compadd -- ${choices.map(shellQuoted).join(' ')}; return`, file: '_files; return', anything: 'return' })}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    case "$at" in
${flags.join('\n')}
    esac
    _describe option found
    return
  fi
  case "$at" in
${words.join('\n')}
  esac
  case "$at" in
${ends(commands, { words: (choices) => `compadd -- ${choices.map(shellQuoted).join(' ')}; return`, file: '_files; return' })}
  esac
  _describe command found
}
# Read by compinit as a function it is called at once; sourced it is only made known.
if [[ "\${funcstack[1]}" == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`
}
