import { AssayError } from 'assay/errors'
import { Command } from 'commander'
import { fileAsBlob } from './api-client.ts'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

/** Azure's path; the key says whose the configurations are, whatever the names in it. */
const ACCOUNT = '/subscriptions/assay/resourceGroups/assay/providers/Microsoft.CognitiveServices/accounts/assay'

interface RaiPolicy {
  readonly name: string
  readonly properties: object
}

/** `assay content-filters`: what Azure's `raiPolicies` does. */
export function contentFiltersCommand(): Command {
  const filters = new Command('content-filters')
    .description('Make, list and delete configurations of content filters, for `assay deploy --content-filter`.')
    .addHelpText('after', `\n  assay content-filters put thrillers thrillers.json\n\n${CONNECTION_HELP}`)
  connects(
    filters
      .command('put')
      .argument('<name>', 'what deployments will call it')
      .argument('<file>', 'JSON: contentFilters, and what else docs/content-filters.md names'),
  )
    .description('Make a configuration, or replace it for the deployments that name it too.')
    .option('--json', 'print JSON')
    .action(async (name, file, options) => {
      const read = await readJson(file)
      const isWhole = typeof read === 'object' && read !== null && Object.keys(read).join() === 'properties'
      // As Azure's REST documents show it, or what they have in `properties`.
      const body = isWhole ? (read as object) : { properties: read }
      show(await clientOf(options).put<RaiPolicy>(pathOf(name), body), options.json)
    })
  connects(filters.command('list'))
    .description("List configurations: everyone's, and those of the resource.")
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { value } = await clientOf(options).get<{ value: RaiPolicy[] }>(pathOf())
      const shown = value.map(({ name, properties }) => ({ name, ...properties }))
      print(shown, ['name', 'type', 'basePolicyName'], options.json)
    })
  connects(filters.command('get').argument('<name>', 'name of a configuration'))
    .description('Show a configuration.')
    .option('--json', 'print JSON')
    .action(async (name, options) => show(await clientOf(options).get<RaiPolicy>(pathOf(name)), options.json))
  connects(filters.command('delete').argument('<name>', 'name of a configuration'))
    .description('Delete a configuration; one that a deployment names stays.')
    .action(async (name, options) => clientOf(options).remove(pathOf(name)))
  return filters
}

function pathOf(name?: string): string {
  return `${ACCOUNT}/raiPolicies${name === undefined ? '' : `/${encodeURIComponent(name)}`}?api-version=2024-10-01`
}

function show({ name, properties }: RaiPolicy, json: boolean): void {
  printOne({ name, ...properties }, json)
}

async function readJson(path: string): Promise<unknown> {
  const content = await (await fileAsBlob(path)).text()
  try {
    return JSON.parse(content)
  } catch (cause) {
    throw new AssayError('invalid_json', `${path} is not JSON.`, { cause, status: 400, param: 'file' })
  }
}
