import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const DEPLOYMENTS = '/assay/v1/deployments'

/** `assay deploy`: what `/assay/v1/deployments` does. */
export function deployCommand(): Command {
  const deploy = new Command('deploy')
    .description('Deploy models that passed their evaluation, under names of your own.')
    .addHelpText('after', `\n  assay deploy ft:smollm2-135m-aligned:… --name support\n\n${CONNECTION_HELP}`)
  connects(deploy.command('create', { isDefault: true }).argument('<model>', 'a model that passed its evaluation'))
    .description('Deploy a model; one whose attestation does not verify is refused. A checkpoint is evaluated first.')
    .requiredOption('--name <name>', 'what requests will call it')
    .option('--content-filter <name>', 'a content filter of your own; else the default')
    .option('--json', 'print JSON')
    .action(async (model, options) => {
      const wanted = { name: options.name, model, content_filter: options.contentFilter }
      printOne(await clientOf(options).post<object>(DEPLOYMENTS, wanted), options.json)
    })
  connects(deploy.command('list'))
    .description('List deployments.')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>(DEPLOYMENTS)
      const columns = ['name', 'model', 'status', 'evaluation', 'content_filter', 'created_at']
      print(data, columns, options.json, 'No deployments yet. `assay deploy MODEL --name NAME` makes one.')
    })
  connects(deploy.command('delete').argument('<name>', 'name of a deployment'))
    .description('Delete a deployment; its model stays.')
    .option('--json', 'print JSON')
    .action(async (name, options) => {
      printOne(await clientOf(options).delete<object>(`${DEPLOYMENTS}/${encodeURIComponent(name)}`), options.json)
    })
  connects(deploy.command('attestation').argument('<model>', 'a model'))
    .description("Write a model's attestation to standard output; `assay verify` checks it offline.")
    .action(async (model, options) => {
      printOne(await clientOf(options).get<object>(`/assay/v1/attestations/${encodeURIComponent(model)}`), true)
    })
  return deploy
}
