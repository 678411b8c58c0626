import { AssayError } from '../../errors/index.ts'

/** The service behind a judge did not answer: network, time limit, too many requests, its own fault. */
export class JudgeUnavailableError extends AssayError {
  constructor(judge: string, reason: string) {
    super('judge_unavailable', `The judge ${judge} did not answer: ${reason}.`, {
      status: 503,
      remedy: 'Try again later, or check the address of its endpoint.',
    })
    this.name = 'JudgeUnavailableError'
  }
}

/** The service behind a judge would not read the request: wrong key, wrong address, a model it does not have. */
export class JudgeRefusedRequestError extends AssayError {
  constructor(judge: string, status: number, code: string | undefined) {
    super(
      'judge_refused_request',
      `The judge ${judge} refused the request: HTTP ${status}${code ? `, ${code}` : ''}.`,
      {
        status: 502,
        remedy:
          status === 401 || status === 403
            ? 'Check its API key and what that may do.'
            : 'Check its endpoint, its model and, for guard models, that the server applies their chat template.',
      },
    )
    this.name = 'JudgeRefusedRequestError'
  }
}

/** The service behind a judge answered something that is no judgement. It is never taken for "harmless". */
export class JudgeReplyInvalidError extends AssayError {
  /** @param fault what is wrong with it; never a piece of it, which may quote what was judged */
  constructor(judge: string, fault: string) {
    super('judge_reply_invalid', `The judge ${judge} gave an answer that cannot be read: ${fault}.`, {
      status: 502,
      remedy: 'Check that its endpoint and model are what the configuration says.',
    })
    this.name = 'JudgeReplyInvalidError'
  }
}
