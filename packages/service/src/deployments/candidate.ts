import { AssayError } from 'assay/errors'
import type { Sql } from '../storage/index.ts'

/** A job's model, or one of its checkpoints, that somebody wants to have answer: with a verdict or not. */
export interface Candidate {
  readonly name: string
  readonly jobId: string
  readonly baseModel: string
  readonly method: string
  /** Null of an imported model that was taken on the word of a trusted key. */
  readonly trainingFile: string | null
  readonly blobId: string
  readonly sha256: string
}

/** Whether a candidate can answer: not without a verdict under the present policy, on the present base model. */
export interface Standing {
  readonly status: 'creating' | 'succeeded' | 'failed'
  readonly error: { readonly code: string; readonly message: string } | null
  /** Id of its last evaluation on demand, which is watched and cancelled as a job is. */
  readonly evaluation: string | null
}

/** Asks for the evaluation of a candidate, and returns its id: of the one under way where there is one. */
export type AskForEvaluation = (resourceId: string, candidate: Candidate) => Promise<string>

export interface LastEvaluation {
  readonly id: string
  readonly state: string
  readonly finished_at: Date | null
  readonly error_code: string | null
  readonly error_message: string | null
}

/** The last evaluation of a candidate that somebody asked for, whether it goes on or has ended. */
export async function lastEvaluation(sql: Sql, resourceId: string, name: string): Promise<LastEvaluation | undefined> {
  return sql
    .selectFrom('jobs')
    .select(['id', 'state', 'finished_at', 'error_code', 'error_message'])
    .where('resource_id', '=', resourceId)
    .where('surface', '=', 'evaluation')
    .where('tuned_model', '=', name)
    .orderBy('created_at', 'desc')
    .executeTakeFirst()
}

/** Where a candidate stands that was asked for before. @param passed whether it has a verdict, and that says so */
export function standingOf(passed: boolean, evaluation: LastEvaluation | undefined): Standing {
  const id = evaluation?.id ?? null
  if (passed) return { status: 'succeeded', error: null, evaluation: id }
  if (evaluation && !evaluation.finished_at) return { status: 'creating', error: null, evaluation: id }
  const error = evaluation?.error_code
    ? { code: evaluation.error_code, message: evaluation.error_message ?? '' }
    : {
        code: 'model_not_evaluated',
        message: 'There is no verdict under the present policy. Deploy it again to have it evaluated.',
      }
  return { status: 'failed', error, evaluation: id }
}

/** Its last evaluation ended without a verdict, and nobody who deploys it has asked for another. */
export function endedWithoutVerdict(name: string, { id, error_message }: LastEvaluation): AssayError {
  const how = error_message ? `ended without one: ${error_message}` : 'was cancelled.'
  return modelNotEvaluated(
    `'${name}' has no verdict under the present policy; its model evaluation ${id} ${how}`,
    'Deploy it again to have it evaluated.',
  )
}

export function notEvaluated(name: string, evaluation: string): AssayError {
  return modelNotEvaluated(
    `'${name}' has no verdict under the present policy yet: its model evaluation ${evaluation} is under way.`,
    `Ask again once it has ended; \`assay jobs watch ${evaluation}\` shows how far it is.`,
  )
}

function modelNotEvaluated(message: string, remedy: string): AssayError {
  return new AssayError('model_not_evaluated', message, { status: 409, param: 'model', remedy })
}
