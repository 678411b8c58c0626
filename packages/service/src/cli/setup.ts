import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Command } from 'commander'
import { isInstalled, ROOT } from '../installation/index.ts'

export function setupCommand(): Command {
  return new Command('setup')
    .description('Fetches the base models, and installs the Python environment that training needs.')
    .addHelpText(
      'after',
      `
About 6 GB and some minutes the first time; what is there and whole stays. Needs Python 3.11 or later with pip and venv.
Everything is pinned by SHA-256 and kept in ~/.cache/assay (ASSAY_CACHE names another folder) for other installations.`,
    )
    .action(async () => {
      const folder = join(ROOT, 'setup')
      const program = isInstalled ? [join(folder, 'installed.mjs')] : [join(folder, 'run.mjs'), 'setup']
      const child = spawn(process.execPath, program, { stdio: 'inherit' })
      const [code] = await once(child, 'exit')
      process.exitCode = code ?? 1
    })
}
