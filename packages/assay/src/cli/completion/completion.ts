import { Argument, Command } from 'commander'
import { bashCompletion } from './bash.ts'
import { commandTree } from './command-tree.ts'
import { fishCompletion } from './fish.ts'
import { zshCompletion } from './zsh.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

const HELP = `
bash:  echo 'source <(assay completion bash)' >> ~/.bashrc
zsh:   echo 'source <(assay completion zsh)' >> ~/.zshrc      (after compinit)
fish:  assay completion fish > ~/.config/fish/completions/assay.fish

What it completes are the commands that are installed when it is written: write it again after an update.`

/** `assay completion SHELL`: a script by which the shell completes commands, options, their choices and files. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('Write a script by which a shell completes the commands and options of assay.')
    .addArgument(new Argument('<shell>', 'the shell that is to complete them').choices(Object.keys(SHELLS)))
    .addHelpText('after', HELP)
    .action((shell: keyof typeof SHELLS, _options: object, command: Command) => {
      const program = command.parent ?? command
      process.stdout.write(SHELLS[shell](program.name(), commandTree(program)))
    })
}
