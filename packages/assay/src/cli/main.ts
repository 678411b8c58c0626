import { Command } from 'commander'
import { AssayError } from '../errors/index.ts'
import { assayVersion } from '../reports/index.ts'
import { calibrateCommand } from './calibrate.ts'
import { checkCommand } from './check.ts'
import { completionCommand } from './completion/completion.ts'
import { evaluateCommand } from './evaluate.ts'
import { EXIT } from './exit-code.ts'
import { unknownInHelp, withHelpLast } from './help-words.ts'
import { judgeCommand } from './judge.ts'
import { signingKeyCommand } from './signing-key.ts'
import { verifyCommand } from './verify.ts'

const program = new Command('assay')
  .description('Judges training data and interviews models before anyone may deploy them.')
  .version(assayVersion, '-V, --version', 'print the version')
  .addHelpText(
    'after',
    `
Start with \`assay check FILE\`: it needs no server. \`assay help COMMAND\` says more of each.
Exit code: 0 passed or done, 1 failed, 2 wrong usage or invalid input, 3 no evaluation or no answer.`,
  )
  .exitOverride()
  .addCommand(checkCommand())
  .addCommand(evaluateCommand())
  .addCommand(judgeCommand())
  .addCommand(calibrateCommand())
  .addCommand(signingKeyCommand())
  .addCommand(verifyCommand())

const own = new Set(program.commands.map((command) => command.name()))
// Not one of them: what it writes completes the service's commands too.
program.addCommand(completionCommand())

/** The service's commands, where assay-service is installed; a pipeline that only checks files does not load it. */
async function addServiceCommands(): Promise<void> {
  const service = 'assay-service/cli'
  try {
    const { addServiceCommands } = (await import(service)) as { addServiceCommands(program: Command): void }
    addServiceCommands(program)
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
  }
}

function inheritExit(command: Command): void {
  for (const child of command.commands) {
    child.exitOverride()
    inheritExit(child)
  }
}

/** Of whichever copy of commander: the service may have its own. */
function isCommanderError(error: unknown): error is { readonly exitCode: number } {
  const { code, exitCode } = error as { code?: unknown; exitCode?: unknown }
  return typeof code === 'string' && code.startsWith('commander.') && typeof exitCode === 'number'
}

// Whoever reads may stop reading, as `| head` does, which is no fault to speak of. Neither may be taken for a verdict:
// a command that had not decided by then has not passed.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.notHeld)
  process.stderr.write(`Standard output cannot be written: ${error.message}\n`)
  process.exit(EXIT.notHeld)
})

try {
  const words = withHelpLast(process.argv.slice(2))
  if (!own.has(words[0] ?? '')) await addServiceCommands()
  inheritExit(program)
  const unknown = unknownInHelp(program, words)
  if (unknown !== undefined) program.error(`error: unknown command '${unknown}'`, { code: 'commander.unknownCommand' })
  await program.parseAsync(words, { from: 'user' })
} catch (error) {
  if (isCommanderError(error)) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.invalid
  } else if (AssayError.is(error)) {
    const { code, message, remedy, cause } = error
    const why = AssayError.is(cause) ? `Why: ${cause.message} [${cause.code}]\n` : ''
    process.stderr.write(`${message} [${code}]\n${why}${remedy ? `What to do: ${remedy}\n` : ''}`)
    process.exitCode = error.status >= 500 ? EXIT.notHeld : EXIT.invalid
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = EXIT.notHeld
  }
}
