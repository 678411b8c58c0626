import { type ChatModel, chatCompletionsModel, type LocalModel } from '../conversations/index.ts'
import { AssayError } from '../errors/index.ts'
import type { CapabilityTier } from '../harm/index.ts'
import type { EvaluationReport } from '../reports/index.ts'

/** A model that nobody measured is asked in every way. */
const UNKNOWN: CapabilityTier = 'full'

/** By which options `assay evaluate` finds the model. */
export interface ModelOptions {
  readonly baseUrl?: string
  readonly model?: string
  readonly apiKeyEnv?: string
  readonly timeout: number
  readonly modelDir?: string
  readonly base?: string
  readonly tier?: CapabilityTier
  readonly compareWith?: string
}

/** The model that an evaluation speaks of, as its report and its counts name it. */
export interface EvaluatedModel {
  readonly name: string
  readonly at: EvaluationReport['at']
  readonly chat: ChatModel
  readonly tier: CapabilityTier
  /** What it is compared with, where that was asked for. */
  readonly base: { readonly name: string; readonly chat: ChatModel } | undefined
  /** What counts have to be of, to be gone on from. */
  readonly identity: Readonly<Record<string, string>>
  /** Where it is on this machine. */
  readonly local: LocalModel | undefined
  /** What finds it again, on the command line. */
  readonly options: readonly string[]
  close(): Promise<void>
}

/** @throws {AssayError} `which_model`, `api_key_missing`, `service_missing`, or what is wrong with the adapter */
export async function openModel(options: ModelOptions): Promise<EvaluatedModel> {
  const { baseUrl, model, modelDir } = options
  if (modelDir !== undefined && baseUrl === undefined && model === undefined) return onDisk(modelDir, options)
  if (modelDir !== undefined || baseUrl === undefined || model === undefined) {
    throw new AssayError('which_model', 'The model is found either by --base-url and --model, or by --model-dir.', {
      status: 400,
      remedy: '`assay evaluate --help` has an example of each.',
    })
  }
  const apiKey = keyFrom(options.apiKeyEnv)
  const at = (name: string) => chatCompletionsModel({ baseUrl, model: name, apiKey, timeoutMs: options.timeout * 1000 })
  const { compareWith } = options
  return {
    name: model,
    at: baseUrl,
    chat: at(model),
    tier: options.tier ?? UNKNOWN,
    base: compareWith === undefined ? undefined : { name: compareWith, chat: at(compareWith) },
    identity: { endpoint: baseUrl, model },
    local: undefined,
    options: [
      ...['--base-url', baseUrl, '--model', model],
      ...(options.apiKeyEnv === undefined ? [] : ['--api-key-env', options.apiKeyEnv]),
      ...['--tier', options.tier ?? UNKNOWN],
      ...(compareWith === undefined ? [] : ['--compare-with', compareWith]),
    ],
    close: async () => {},
  }
}

async function onDisk(path: string, { base, tier, compareWith }: ModelOptions): Promise<EvaluatedModel> {
  if (tier !== undefined || compareWith !== undefined) {
    throw new AssayError('option_of_endpoints', '--tier and --compare-with are for a model behind --base-url.', {
      status: 400,
      remedy: 'Leave them out: a model on disk has the tier of its base.',
    })
  }
  const { openLocalModel } = await engineOfService()
  const local = await openLocalModel(path, base)
  const { sha256, baseModel } = local
  return {
    name: path,
    at: { sha256, baseModel },
    chat: local.chat,
    tier: local.tier,
    base: undefined,
    identity: { model: sha256, 'base model': baseModel.digest },
    local,
    options: ['--model-dir', path, '--base', baseModel.name],
    close: () => local.close(),
  }
}

/** What `assay-service` has for this command: the engine that serves, which the evaluator alone has not. */
interface ServiceCli {
  openLocalModel(path: string, base?: string): Promise<LocalModel>
}

async function engineOfService(): Promise<ServiceCli> {
  const service = 'assay-service/cli'
  try {
    return (await import(service)) as ServiceCli
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    throw new AssayError(
      'service_missing',
      'A model on disk is run by the engine of assay-service, which is not here.',
      {
        cause,
        status: 400,
        remedy: 'Install assay-service too, or serve the model and name its address with --base-url.',
      },
    )
  }
}

/** @param option that named the variable */
export function keyFrom(variable: string | undefined, option = '--api-key-env'): string | undefined {
  if (variable === undefined) return undefined
  const key = process.env[variable]
  if (key) return key
  throw new AssayError('api_key_missing', `The environment variable ${variable} is not set.`, {
    status: 400,
    remedy: `Set it to the API key, or leave out ${option} where none is needed.`,
  })
}
