import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

/** `assay keys`: API keys of the resource. */
export function keysCommand(): Command {
  const keys = new Command('keys')
    .description('Make, list and delete API keys of the resource.')
    .addHelpText('after', `\n${CONNECTION_HELP}`)
  connects(keys.command('create').argument('<name>', 'what it is for'))
    .description('Make a key; it is shown this once.')
    .option('--json', 'print JSON')
    .action(async (name, options) => {
      printOne(await clientOf(options).post<object>('/assay/v1/keys', { name }), options.json)
    })
  connects(keys.command('list'))
    .description('List keys: their names and last four characters.')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>('/assay/v1/keys')
      print(data, ['id', 'name', 'last_four', 'created_at'], options.json)
    })
  connects(keys.command('delete').argument('<id>', 'id of a key, as `list` shows it'))
    .description('Delete a key; it is refused from then on. The only one stays.')
    .option('--json', 'print JSON')
    .action(async (id, options) => {
      printOne(await clientOf(options).delete<object>(`/assay/v1/keys/${encodeURIComponent(id)}`), options.json)
    })
  return keys
}
