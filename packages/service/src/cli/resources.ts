import { Command } from 'commander'
import { clientOf, connects } from './connection.ts'
import { print, printOne } from './output.ts'

const RESOURCES = '/assay/v1/resources'
const REMEDY =
  'Whoever runs the service chooses a secret and starts `assay serve` with ASSAY_OPERATOR_KEY set to it; set the same here (docs/run-for-an-organisation.md).'
const asked = (command: Command) => connects(command, 'ASSAY_OPERATOR_KEY')
const operatorOf = (options: Parameters<typeof clientOf>[0]) => clientOf(options, REMEDY)

/** `assay resources`: for the operator of a service that has several customers. */
export function resourcesCommand(): Command {
  const resources = new Command('resources')
    .description("Make, list and delete resources: a customer's own keys, files, jobs, models and deployments.")
    .addHelpText(
      'after',
      `
For the operator: the service has to be started with ASSAY_OPERATOR_KEY, and these commands read it from the environment.
The service is found at --url or ASSAY_URL, else on this machine. Exit code: 0 done, 2 refused or wrong usage, 3 no answer.`,
    )
  asked(resources.command('create').argument('<name>', 'a to z, 0 to 9 and -: stands in the names of its models'))
    .description('Make a resource; its first API key is shown this once.')
    .option('--geography <name>', "where its data and models are evaluated; the service's own where it is left out")
    .option('--json', 'print JSON')
    .action(async (name, { geography, ...options }) => {
      printOne(
        await operatorOf(options).post<object>(RESOURCES, { name, ...(geography && { geography }) }),
        options.json,
      )
    })
  asked(resources.command('list'))
    .description('List resources.')
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { data } = await operatorOf(options).get<{ data: object[] }>(RESOURCES)
      print(data, ['id', 'name', 'geography', 'created_at'], options.json)
    })
  asked(resources.command('delete').argument('<id>', 'id of a resource, as `list` shows it'))
    .description(
      'Delete a resource and everything in it, its verdicts and usage too. Nothing of it can be read afterwards.',
    )
    .option('--json', 'print JSON')
    .action(async (id, options) => {
      printOne(await operatorOf(options).delete<object>(`${RESOURCES}/${encodeURIComponent(id)}`), options.json)
    })
  return resources
}
