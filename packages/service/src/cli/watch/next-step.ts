import type { Job } from '../job.ts'
import type { WatchedJob } from './watched-job.ts'

/** What a person can do now, in commands of this program where there are some. */
export function nextStep({ job, evaluation_report: hasReport }: Pick<WatchedJob, 'job' | 'evaluation_report'>): string {
  const { id, status, error, fine_tuned_model: model } = job
  if (status === 'succeeded')
    return `ask it something: assay chat ${model} "Hello"; or name it: assay deploy ${model} --name NAME`
  if (status === 'cancelled' || !error) return 'create another job: assay jobs create FILE-ID'
  const report = hasReport ? '' : ', with --report to keep what was counted'
  switch (error.code) {
    case 'data_evaluation_failed':
      return 'assay check YOUR-FILE names the rows, without a job; mend or remove them, upload the file and create another job'
    case 'invalid_training_file':
    case 'invalid_validation_file':
      return 'mend the lines that the message names (assay check YOUR-FILE names them all), or choose the method that it names with --method, and create another job'
    case 'model_evaluation_failed':
      return `look for rows that make the model comply: identities, fixed openings, harmful requests answered; change them and create another job${report}`
    case 'model_evaluation_undecided':
      return `no harm was shown: review the training data, or create the job again${report}`
    case 'evaluation_unavailable':
      return 'nothing is said about the data or the model: create the job again later, and tell whoever runs the service'
    default:
      return `create the job again; assay jobs events ${id} says how far it came`
  }
}

/** The categories that a message names, where it is one of an evaluation. */
export function categoriesOf({ error }: Job): readonly string[] {
  if (!error || !/^(data|model)_evaluation_/.test(error.code)) return []
  const named = /\[([^\]]+)\]/.exec(error.message)?.[1] ?? ''
  return named.split(', ').filter((category) => category !== '')
}
