import { Command } from 'commander'
import { writeBaseModel } from '../adapters/index.ts'
import { CATALOGUE, locations } from '../catalogue/index.ts'

/** `assay base`: a base model of the catalogue, for a trainer of one's own. */
export function baseCommand(): Command {
  return new Command('base')
    .description('Write a base model of the catalogue as a Hugging Face folder, to tune it with a trainer of your own.')
    .argument('<name>', CATALOGUE.map(({ name }) => name).join(' or '))
    .requiredOption('--output <dir>', "folder to write to; keep the base's name as its last part")
    .addHelpText(
      'after',
      `
  assay base smollm2-135m-aligned --output ./smollm2-135m-aligned

The alignment adapter is merged. No service is needed. Exit code: 0 done, 2 wrong usage, 3 it could not be written.`,
    )
    .action(async (name: string, options: { output: string }) => {
      await writeBaseModel(name, options.output, locations())
      process.stdout.write(`${options.output}\n`)
    })
}
