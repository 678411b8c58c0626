import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'
import { print } from './output.ts'

interface Bucket {
  readonly start_time: number
  readonly results: readonly {
    readonly amount: { readonly value: number; readonly currency: string }
    readonly line_item: string
  }[]
}

const NO_COSTS = 'Nothing was charged yet: a job is, once its model has passed its evaluation.'

/** `assay usage`: what was used, and what of it was charged. */
export function usageCommand(): Command {
  return connects(new Command('usage'))
    .description('Show tokens used, or costs: only a job whose model passed is charged.')
    .option('--costs', 'costs by day, instead of tokens by model')
    .option('--json', 'print JSON')
    .addHelpText('after', `\n${CONNECTION_HELP}`)
    .action(async (options) => {
      const client = clientOf(options)
      if (!options.costs) {
        const { data } = await client.get<{ data: object[] }>('/assay/v1/usage')
        print(data, ['model', 'kind', 'quantity'], options.json, 'Nothing was used yet.')
        return
      }
      const { data } = await client.get<{ data: Bucket[] }>('/v1/organization/costs?start_time=0')
      const lines = data.flatMap((bucket) =>
        bucket.results.map((result) => ({
          day: new Date(bucket.start_time * 1000).toISOString().slice(0, 10),
          line_item: result.line_item,
          amount: result.amount.value,
          currency: result.amount.currency,
        })),
      )
      print(lines, ['day', 'line_item', 'amount', 'currency'], options.json, NO_COSTS)
    })
}
