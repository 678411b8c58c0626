import { Command } from 'commander'
import { clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const DEPLOYMENTS = '/assay/v1/deployments'

/** `assay deploy`: what `/assay/v1/deployments` does. */
export function deployCommand(): Command {
  const deploy = new Command('deploy').description('deployments: named models that answer chat')
  connects(deploy.command('create', { isDefault: true }).argument('<model>', 'a model that passed its evaluation'))
    .description('deploy a model; what is not attested is refused')
    .requiredOption('--name <name>', 'name of the deployment')
    .option('--json', 'as JSON')
    .action(async (model, options) => {
      printOne(await clientOf(options).post<object>(DEPLOYMENTS, { name: options.name, model }), options.json)
    })
  connects(deploy.command('list'))
    .description('list deployments')
    .option('--json', 'as JSON')
    .action(async (options) => {
      const { data } = await clientOf(options).get<{ data: object[] }>(DEPLOYMENTS)
      print(data, ['name', 'model', 'status', 'created_at'], options.json)
    })
  connects(deploy.command('delete').argument('<name>'))
    .description('delete a deployment')
    .option('--json', 'as JSON')
    .action(async (name, options) => {
      printOne(await clientOf(options).delete<object>(`${DEPLOYMENTS}/${encodeURIComponent(name)}`), options.json)
    })
  connects(deploy.command('attestation').argument('<model>'))
    .description("write a model's attestation to standard output")
    .action(async (model, options) => {
      printOne(await clientOf(options).get<object>(`/assay/v1/attestations/${encodeURIComponent(model)}`), true)
    })
  return deploy
}
