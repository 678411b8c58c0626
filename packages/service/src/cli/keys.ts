import { Command } from 'commander'
import { clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

/** `assay keys`: API keys of the resource. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('API keys')
  connects(keys.command('create').argument('<name>', 'what it is for'))
    .description('make a key; it is shown once')
    .option('--json', 'as JSON')
    .action(async (name, options) => {
      printOne(await clientOf(options).post<object>('/assay/v1/keys', { name }), options.json)
    })
  connects(keys.command('list'))
    .description('list keys')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>('/assay/v1/keys')
      print(data, ['id', 'name', 'last_four', 'created_at'], options.json)
    })
  connects(keys.command('delete').argument('<id>'))
    .description('delete a key; it is refused from then on')
    .option('--json', 'as JSON')
    .action(async (id, options) => {
      printOne(await clientOf(options).delete<object>(`/assay/v1/keys/${id}`), options.json)
    })
  return keys
}
