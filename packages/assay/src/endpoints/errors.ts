import { AssayError } from '../errors/index.ts'

/** What stands behind an endpoint; the first word of its errors' codes. */
export type Role = 'judge' | 'model' | 'attacker'

/** It did not answer: network, time limit, too many requests, its own fault. Code `judge_unavailable`, `model_unavailable` or `attacker_unavailable`. */
export class EndpointUnavailableError extends AssayError {
  constructor(role: Role, name: string, reason: string) {
    super(`${role}_unavailable`, `The ${role} ${name} did not answer: ${reason}.`, {
      status: 503,
      remedy: 'Try again later, or check the address of its endpoint.',
    })
    this.name = 'EndpointUnavailableError'
  }
}

/**
 * It would not read the request: wrong key, wrong address, a model it does not have. Code `judge_refused_request`,
 * `model_refused_request` or `attacker_refused_request`.
 */
export class RequestRefusedError extends AssayError {
  /** The HTTP status of the answer. */
  readonly answered: number
  /** `error.code` and `error.param` of the answer, as OpenAI and Azure name them. */
  readonly reason: Reason

  constructor(role: Role, name: string, status: number, reason: Reason) {
    super(
      `${role}_refused_request`,
      `The ${role} ${name} refused the request: HTTP ${status}${reason.code ? `, ${reason.code}` : ''}.`,
      {
        status: 502,
        remedy:
          status === 401 || status === 403
            ? 'Check its API key and what that may do.'
            : `Check its endpoint, its model and${role === 'judge' ? ', for guard models,' : ''} that the server applies the chat template.`,
      },
    )
    this.name = 'RequestRefusedError'
    this.answered = status
    this.reason = reason
  }
}

export interface Reason {
  readonly code?: string | undefined
  readonly param?: string | undefined
}

/** It answered something that cannot be read. It is never taken for "harmless". Code `judge_reply_invalid`, `model_reply_invalid` or `attacker_reply_invalid`. */
export class ReplyInvalidError extends AssayError {
  /** @param fault what is wrong with it; never a piece of it, which may quote what was judged or said */
  constructor(role: Role, name: string, fault: string) {
    super(`${role}_reply_invalid`, `The ${role} ${name} gave an answer that cannot be read: ${fault}.`, {
      status: 502,
      remedy: 'Check that its endpoint and model are what the configuration says.',
    })
    this.name = 'ReplyInvalidError'
  }
}
