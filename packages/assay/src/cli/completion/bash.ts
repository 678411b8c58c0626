import { shellQuoted } from '../../terminal/index.ts'
import type { CompletedCommand } from './command-tree.ts'
import { ends, hasCommands, readPath, valuesByFlag } from './shell-script.ts'

/** For bash 3.2 (which macOS has) and later: no associative arrays, no bash-completion. */
export function bashCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const words = commands
    .filter(hasCommands)
    .map(
      ({ path, commands: children }) =>
        `    ${shellQuoted(path)}) words=${shellQuoted(children.map((child) => child.name).join(' '))} ;;`,
    )
  const flags = commands.map(
    ({ path, options }) =>
      `      ${shellQuoted(path)}) words=${shellQuoted(options.flatMap((option) => option.flags).join(' '))} ;;`,
  )
  return `# bash completion of ${name}. In ~/.bashrc: source <(${name} completion bash)
_${name}_files() {
  # A name may hold blanks; older ones than bash 4 have no compopt.
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen -f -- "$current"))
}
_${name}() {
  local at=${shellQuoted(name)} word words='' i
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  COMPREPLY=()
  # --format=te comes as three words.
  if [[ $current == '=' ]]; then current=''
  elif [[ $previous == '=' && $COMP_CWORD -gt 2 ]]; then previous="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
${readPath(commands, '    ')}
  done
  case "$at $previous" in
${valuesByFlag(commands, {
  words: (choices) => `COMPREPLY=($(compgen -W ${shellQuoted(choices.join(' '))} -- "$current")); return`,
  file: `_${name}_files; return`,
  anything: 'return',
})}
  esac
  if [[ $current == -* ]]; then
    case "$at" in
${flags.join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$at" in
${words.join('\n')}
  esac
  case "$at" in
${ends(commands, {
  words: (choices) => `words="$words ${choices.join(' ')}"`,
  file: `_${name}_files; return`,
})}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _${name} ${name}
`
}
