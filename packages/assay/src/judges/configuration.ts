import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { azureContentSafetyReader } from './azure-content-safety/azure-content-safety.ts'
import { anyOf } from './combined/any-of.ts'
import { weighted } from './combined/weighted.ts'
import { GUARD_MODELS, type GuardModelName, guardModelReader } from './guard-models/guard-model-reader.ts'
import type { Reader } from './judge.ts'
import { openAiModerationReader } from './openai-moderation/openai-moderation.ts'

/** The judge that ships, as a configuration names it. */
export const BUILT_IN = 'built-in'

const endpoint = z.url({ protocol: /^https?$/ })
const apiKeyEnv = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable, never the key itself')
const guardModelNames = Object.keys(GUARD_MODELS) as [GuardModelName, ...GuardModelName[]]

const builtIn = z.strictObject({ judge: z.literal(BUILT_IN) })
const azure = z.strictObject({ judge: z.literal('azure-content-safety'), endpoint, apiKeyEnv })
const openAi = z.strictObject({
  judge: z.literal('openai-moderation'),
  apiKeyEnv,
  endpoint: endpoint.optional(),
  model: z.string().min(1).optional(),
})
const guardModel = z.strictObject({
  judge: z.enum(guardModelNames),
  endpoint,
  model: z.string().min(1),
  apiKeyEnv: apiKeyEnv.optional(),
})

const single = [builtIn, azure, openAi, guardModel] as const
const weight = z.number().positive()
const calibration = z.string().min(1).optional()

/** A judge and where its endpoint is; with `calibration`, a path, it can gate. Combinations are of single judges. */
export const judgeConfigurationSchema = z.discriminatedUnion('judge', [
  builtIn.extend({ calibration }),
  azure.extend({ calibration }),
  openAi.extend({ calibration }),
  guardModel.extend({ calibration }),
  z.strictObject({
    judge: z.literal('any-of'),
    of: z.array(z.discriminatedUnion('judge', [...single])).min(2),
    calibration,
  }),
  z.strictObject({
    judge: z.literal('weighted'),
    of: z
      .array(
        z.discriminatedUnion('judge', [
          builtIn.extend({ weight }),
          azure.extend({ weight }),
          openAi.extend({ weight }),
          guardModel.extend({ weight }),
        ]),
      )
      .min(2),
    calibration,
  }),
])

export type JudgeConfiguration = z.infer<typeof judgeConfigurationSchema>
type Single = z.infer<(typeof single)[number]>

export interface ReaderSurroundings {
  /** Where API keys are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly loadBuiltIn: () => Promise<Reader>
  readonly fetch?: typeof fetch | undefined
}

/** @throws {AssayError} `judge_key_missing` where the environment lacks an API key */
export async function readerOf(configuration: JudgeConfiguration, around: ReaderSurroundings): Promise<Reader> {
  switch (configuration.judge) {
    case 'any-of':
      return anyOf(await each(configuration.of, around))
    case 'weighted': {
      const readers = await each(configuration.of, around)
      return weighted(
        configuration.of.map((part, index) => ({ reader: readers[index] as Reader, weight: part.weight })),
      )
    }
    default:
      return singleReader(configuration, around)
  }
}

/** One after the other, so that what was opened can be closed again when a later one fails. */
async function each(configurations: readonly Single[], around: ReaderSurroundings): Promise<Reader[]> {
  const readers: Reader[] = []
  try {
    for (const configuration of configurations) readers.push(await singleReader(configuration, around))
    return readers
  } catch (error) {
    await Promise.all(readers.map((reader) => reader.close()))
    throw error
  }
}

async function singleReader(configuration: Single, around: ReaderSurroundings): Promise<Reader> {
  const { fetch } = around
  switch (configuration.judge) {
    case BUILT_IN:
      return around.loadBuiltIn()
    case 'azure-content-safety':
      return azureContentSafetyReader({
        endpoint: configuration.endpoint,
        apiKey: keyOf(configuration.apiKeyEnv, around),
        fetch,
      })
    case 'openai-moderation': {
      const { endpoint, model, apiKeyEnv } = configuration
      return openAiModerationReader({ endpoint, model, apiKey: keyOf(apiKeyEnv, around), fetch })
    }
    default: {
      const { judge, endpoint, model, apiKeyEnv } = configuration
      const apiKey = apiKeyEnv === undefined ? undefined : keyOf(apiKeyEnv, around)
      return guardModelReader({ judge, endpoint, model, apiKey, fetch })
    }
  }
}

function keyOf(name: string, { environment }: ReaderSurroundings): string {
  const key = environment[name]
  if (key) return key
  throw new AssayError('judge_key_missing', `There is no API key in the environment variable ${name}.`, {
    status: 400,
    param: name,
    remedy: `Set ${name}, or name another variable as apiKeyEnv.`,
  })
}
