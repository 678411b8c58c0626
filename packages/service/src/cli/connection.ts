import { AssayError } from 'assay/errors'
import { httpAddress } from 'assay/terminal'
import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'

/** What stands below the help of every group of commands that asks the service. */
export const CONNECTION_HELP = `The service is found at --url or ASSAY_URL, else on this machine. The API key is read from ASSAY_API_KEY, or from the
environment variable that --api-key-env names. Exit code: 0 done, 2 refused or wrong usage, 3 no answer.`

/** Options by which a command finds the service. */
export function connects(command: Command, keyVariable = 'ASSAY_API_KEY'): Command {
  return command
    .option(
      '--url <url>',
      'address of the service; ASSAY_URL sets it too',
      httpAddress('an address, as http://127.0.0.1:8787'),
      process.env.ASSAY_URL ?? 'http://127.0.0.1:8787',
    )
    .option('--api-key-env <name>', 'environment variable that holds the API key', keyVariable)
}

const REMEDY = 'Set it to the key that `assay serve` printed at its first start, or the one that its operator gave you.'

/** @param remedy what to do where the environment variable with the key is not set */
export function clientOf(options: { url: string; apiKeyEnv: string }, remedy = REMEDY): ApiClient {
  const apiKey = process.env[options.apiKeyEnv]
  if (apiKey) return new ApiClient({ url: options.url, apiKey })
  throw new AssayError('no_api_key', `The environment variable ${options.apiKeyEnv} is not set.`, {
    status: 401,
    remedy,
  })
}
