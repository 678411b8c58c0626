import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AssayError } from 'assay/errors'
import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { exitCodeOf, hasEnded } from './job.ts'
import { printOne } from './output.ts'

const IMPORTS = '/assay/v1/imports'

interface Import {
  readonly id: string
  readonly status: string
  readonly attestation: string
  readonly model: string | null
  readonly error: { readonly code: string; readonly message: string } | null
}

/** `assay import`: what `POST /assay/v1/imports` does, and waits for the verdict. */
export function importCommand(): Command {
  return connects(new Command('import').argument('<adapter>', 'a PEFT folder, or a GGUF adapter'))
    .description(
      'Import a model that was tuned elsewhere; it is evaluated, unless an attestation that counts comes along.',
    )
    .option('--attestation <file>', 'what `assay evaluate --attest` wrote, signed by a key that the service trusts')
    .option('--base <name>', 'base model of the catalogue that it was tuned on', 'smollm2-135m-aligned')
    .option('--suffix <suffix>', "part of the model's name: letters, digits, - and _")
    .option(
      '--training-file <id>',
      'id of an uploaded file with what it was tuned on, which is judged; needed unless the attestation counts',
    )
    .option('--no-wait', 'do not wait until it is decided')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
  assay import ./adapter --attestation verdict.json
  assay import ./adapter --training-file file-abc123

Exit code: 0 it has a name and can be deployed, 1 it was refused, 2 wrong usage, 3 no answer, or no evaluation.

${CONNECTION_HELP}`,
    )
    .action(async (path: string, options) => {
      const client = clientOf(options)
      const files = { ...(await adapterFiles(path)), ...(options.attestation && { attestation: options.attestation }) }
      const fields = {
        base_model: options.base,
        ...(options.suffix && { suffix: options.suffix }),
        ...(options.trainingFile && { training_file: options.trainingFile }),
      }
      let found = await client.form<Import>(IMPORTS, fields, files)
      if (!['accepted', 'none'].includes(found.attestation)) {
        process.stderr.write(
          `The attestation does not count [${found.attestation}]; the model is evaluated by the service.\n`,
        )
      }
      while (options.wait && !hasEnded(found)) {
        await delay(1000)
        found = await client.quiet().get<Import>(`${IMPORTS}/${encodeURIComponent(found.id)}`)
      }
      printOne(found, options.json)
      if (!hasEnded(found)) return
      process.exitCode = exitCodeOf(found)
      if (found.error) process.stderr.write(`${found.error.message} [${found.error.code}]\n`)
    })
}

/** The files to send, by their field of the form. Whatever else lies in the folder stays where it is. */
async function adapterFiles(path: string): Promise<Record<string, string>> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new AssayError('file_not_found', `There is no ${path}.`, {
      status: 400,
      cause,
      remedy: 'Check the path; it is taken from the folder where the command runs.',
    })
  })
  if (!found.isDirectory()) return { adapter: path }
  const ggufs = (await readdir(path)).filter((name) => name.toLowerCase().endsWith('.gguf'))
  if (ggufs.length === 1) return { adapter: join(path, ggufs[0] ?? '') }
  return { adapter_config: join(path, 'adapter_config.json'), adapter_model: join(path, 'adapter_model.safetensors') }
}
