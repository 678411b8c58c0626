import type { Completed, CompletedCommand } from './command-tree.ts'

/** As `~/.config/fish/completions/assay.fish`, or sourced. */
export function fishCompletion(name: string, commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ path, commands: children, options, argument }) => {
    const here = `complete -c ${name} -n ${quoted(`__${name}_at ${quoted(path)}`)}`
    return [
      ...children.map((child) => `${here} -a ${quoted(child.name)} -d ${quoted(child.description)}`),
      ...options.map(({ flags, description, value }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
        return `${here} ${names.join(' ')}${value ? ` -r ${completedValue(value)}` : ''} -d ${quoted(description)}`
      }),
      ...(argument === 'anything'
        ? []
        : [`${here} ${argument === 'file' ? '-F' : `-a ${quoted(argument.words.join(' '))}`}`]),
    ]
  })
  return `# fish completion of ${name}: ${name} completion fish > ~/.config/fish/completions/${name}.fish
function __${name}_at
  set -l at ${name}
  for word in (commandline -opc)[2..-1]
    switch "$at $word"
      case ${commands
        .slice(1)
        .map(({ path }) => quoted(path))
        .join(' ')}
        set at "$at $word"
    end
  end
  test "$at" = "$argv[1]"
end
complete -c ${name} -f
${lines.join('\n')}
`
}

function completedValue(value: Completed): string {
  if (value === 'file') return '-F'
  return value === 'anything' ? '-f' : `-f -a ${quoted(value.words.join(' '))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
