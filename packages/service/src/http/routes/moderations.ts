import { randomBytes } from 'node:crypto'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import type { Judge } from 'assay/judges'
import { type Harm, harmOf } from '../../content-filters/index.ts'
import { inputsOf, moderation, moderationBody, showResult } from '../schemas/moderation.ts'
import type { Routes } from './routes.ts'

/** Characters of all inputs of a request: some ten seconds of the judge's time. */
const MOST_CHARACTERS = 200_000
/** An input is read by itself: however short it is, it counts for so many characters. */
const FEWEST_CHARACTERS = 500

/** OpenAI's moderations, answered by the judge of this installation. */
export const moderationRoutes: Routes = async (app, { services }) => {
  const schema = { tags: ['moderations'], body: moderationBody, response: { 200: moderation } }

  app.post('/moderations', { schema }, async (request, reply) => {
    const inputs = inputsOf(request.body)
    refuseTooLong(inputs)
    const judge = await services.judge()
    const results: Harm[] = []
    for (const texts of inputs) {
      if (reply.raw.destroyed) throw hungUp()
      results.push(requireJudged(await judged(judge, texts), results.length))
    }
    const id = `modr-${randomBytes(16).toString('hex')}`
    return { id, model: judge.name, results: results.map(showResult) }
  })
}

function refuseTooLong(inputs: readonly (readonly string[])[]): void {
  const characters = inputs.flat().reduce((sum, text) => sum + Math.max(text.length, FEWEST_CHARACTERS), 0)
  if (characters <= MOST_CHARACTERS) return
  throw new AssayError('input_too_long', 'The input is too long for one request.', {
    status: 400,
    param: 'input',
    remedy: `Send ${MOST_CHARACTERS} characters at most; a text counts for ${FEWEST_CHARACTERS} however short it is.`,
  })
}

/** Nobody reads it any more. */
function hungUp(): AssayError {
  return new AssayError('client_closed_request', 'The client closed the connection.', { status: 499 })
}

async function judged(judge: Judge, texts: readonly string[]): Promise<Harm> {
  return harmOf(judge, texts).catch((cause: unknown) => {
    throw new EvaluationUnavailableError('The judge could not judge the input.', cause)
  })
}

/** What the judge cannot read must not be taken for harmless. */
function requireJudged(harm: Harm, index: number): Harm {
  if (harm.judged) return harm
  throw new AssayError('input_not_judged', `The judge does not read the language of input ${index}.`, {
    status: 400,
    param: 'input',
    remedy: 'Send it in English, or without that input.',
  })
}
