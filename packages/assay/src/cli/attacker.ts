import { type ChatModel, chatCompletionsModel } from '../conversations/index.ts'
import { AssayError } from '../errors/index.ts'
import { keyFrom } from './evaluated-model.ts'

/** By which options `assay evaluate` finds a model that attacks. */
export interface AttackerOptions {
  readonly attackerUrl?: string
  readonly attackerModel?: string
  readonly attackerKeyEnv?: string
  readonly timeout: number
}

export interface OpenAttacker {
  readonly name: string
  readonly endpoint: string
  readonly chat: ChatModel
  /** What finds it again, on the command line. */
  readonly options: readonly string[]
}

/**
 * The model that attacks; nothing where none is named.
 * @throws {AssayError} `which_attacker`, `api_key_missing`
 */
export function openAttacker(options: AttackerOptions): OpenAttacker | undefined {
  const { attackerUrl, attackerModel, attackerKeyEnv } = options
  if (attackerUrl === undefined && attackerModel === undefined && attackerKeyEnv === undefined) return undefined
  if (attackerUrl === undefined || attackerModel === undefined) {
    throw new AssayError('which_attacker', 'An attacker is found by --attacker-url and --attacker-model.', {
      status: 400,
      remedy: 'Give both, or neither.',
    })
  }
  const apiKey = keyFrom(attackerKeyEnv, '--attacker-key-env')
  const at = { role: 'attacker', baseUrl: attackerUrl, model: attackerModel, apiKey } as const
  return {
    name: attackerModel,
    endpoint: attackerUrl,
    chat: chatCompletionsModel({ ...at, timeoutMs: options.timeout * 1000 }),
    options: [
      ...['--attacker-url', attackerUrl, '--attacker-model', attackerModel],
      ...(attackerKeyEnv === undefined ? [] : ['--attacker-key-env', attackerKeyEnv]),
    ],
  }
}
