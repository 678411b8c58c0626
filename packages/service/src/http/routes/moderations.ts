import { randomBytes } from 'node:crypto'
import { AssayError, EvaluationUnavailableError } from 'assay/errors'
import type { Judge } from 'assay/judges'
import { type Harm, harmOf } from '../../content-filters/index.ts'
import { inputsOf, moderation, moderationBody, showResult } from '../schemas/moderation.ts'
import type { Routes } from './routes.ts'

/** Characters of all inputs of a request: some seconds of the judge's time. */
const MOST_CHARACTERS = 200_000

/** OpenAI's moderations, answered by the judge of this installation. */
export const moderationRoutes: Routes = async (app, { services }) => {
  const schema = { tags: ['moderations'], body: moderationBody, response: { 200: moderation } }

  app.post('/moderations', { schema }, async (request) => {
    const inputs = inputsOf(request.body)
    refuseTooLong(inputs)
    const judge = await services.judge()
    const results: Harm[] = []
    for (const texts of inputs) results.push(requireJudged(await judged(judge, texts), results.length))
    const id = `modr-${randomBytes(16).toString('hex')}`
    return { id, model: judge.name, results: results.map(showResult) }
  })
}

function refuseTooLong(inputs: readonly (readonly string[])[]): void {
  const characters = inputs.flat().reduce((sum, text) => sum + text.length, 0)
  if (characters <= MOST_CHARACTERS) return
  throw new AssayError('input_too_long', `The input has ${characters} characters.`, {
    status: 400,
    param: 'input',
    remedy: `Send ${MOST_CHARACTERS} at most in one request.`,
  })
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
