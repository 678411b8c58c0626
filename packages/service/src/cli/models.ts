import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print } from './output.ts'

interface Model {
  readonly id: string
  readonly owned_by: string
  readonly created: number
}

interface Deployment {
  readonly name: string
  readonly model: string
  readonly status: string
}

/** `assay models`: what `GET /v1/models` lists, and the names under which it is deployed. */
export function modelsCommand(): Command {
  const models = new Command('models')
    .description('List the models that answer chat or can be deployed.')
    .addHelpText('after', `\n${CONNECTION_HELP}`)
  connects(models.command('list', { isDefault: true }))
    .description('List base models to tune, and tuned models that passed an evaluation, with their deployments.')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const client = clientOf(options)
      const [found, deployments] = await Promise.all([
        client.get<{ data: Model[] }>('/v1/models'),
        client.get<{ data: Deployment[] }>('/assay/v1/deployments'),
      ])
      const listed = found.data.map(({ id, owned_by, created }) => ({
        id,
        kind: owned_by === 'assay' ? 'base' : 'tuned',
        deployed_as: deployments.data
          .filter(({ model, status }) => model === id && status === 'succeeded')
          .map(({ name }) => name)
          .join(', '),
        created_at: created,
      }))
      print(listed, ['id', 'kind', 'deployed_as', 'created_at'], options.json)
    })
  return models
}
