import { AssayError } from 'assay/errors'
import type { Command } from 'commander'
import { ApiClient } from './api-client.ts'

/** Options by which a command finds the service. */
export function connects(command: Command): Command {
  return command
    .option('--url <url>', 'address of the service', process.env.ASSAY_URL ?? 'http://127.0.0.1:8787')
    .option('--api-key-env <name>', 'environment variable that holds the API key', 'ASSAY_API_KEY')
}

export function clientOf(options: { url: string; apiKeyEnv: string }): ApiClient {
  const apiKey = process.env[options.apiKeyEnv]
  if (apiKey) return new ApiClient({ url: options.url, apiKey })
  throw new AssayError('no_api_key', `The environment variable ${options.apiKeyEnv} is not set.`, {
    status: 401,
    remedy: 'Set it to the key that `assay serve` printed at its first start.',
  })
}
