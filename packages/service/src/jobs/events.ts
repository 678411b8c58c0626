import type { JobError, JobEvent } from './job.ts'

/** The events of a job, in the words that clients of Azure's service already parse. */
export const EVENTS = {
  enqueued: message('enqueued', 'Job enqueued. Waiting for jobs ahead to complete.'),
  preprocessing: (file: FileRole) => message(`preprocessing ${file}`, `Preprocessing running for file ${file} file.`),
  preprocessed: (file: FileRole) => message(`preprocessed ${file}`, `Preprocessing completed for file ${file} file.`),
  started: message('started', 'Job started.'),
  dataImportStarted: message('data import', 'Data Import started.'),
  finetuningStarted: message('finetuning', 'Finetuning started.'),
  trainingStarted: message('training', 'Training started.'),
  step: (step: number, metrics: Readonly<Record<string, number>>): JobEvent => ({
    key: `step ${step}`,
    level: 'info',
    type: 'metrics',
    message: `Step ${step}: training loss=${(metrics.train_loss ?? 0).toFixed(4)}`,
    data: { step, ...metrics },
  }),
  resultsCreated: (file: string) => message('results created', `Created results file: ${file}`),
  succeeded: message('succeeded', 'Job succeeded.'),
  modelPassed: message('model passed', 'Model Evaluation Passed.'),
  resultsCompleted: (file: string) => message('results completed', `Completed results file: ${file}`),
  reportOfKnown: withoutReport('The verdict on this model was known, so no conversation was held to report on.'),
  reportNotKept: withoutReport('The report of the evaluation could not be kept; the verdict stands.'),
  billed: (tokens: number) => message('billed', `Training tokens billed: ${tokens}`),
  paused: (epoch: number) => message(`paused ${epoch}`, 'Job paused.'),
  resumed: (epoch: number) => message(`resumed ${epoch}`, 'Job resumed.'),
  cancelled: message('cancelled', 'Job cancelled.'),
  attestationRefused: (error: Pick<JobError, 'code' | 'message'>): JobEvent => ({
    key: 'attestation refused',
    level: 'warn',
    type: 'message',
    message: `${error.message} The model is evaluated here.`,
    data: { code: error.code },
  }),
  evaluationEnqueued: message('evaluation enqueued', 'Model evaluation enqueued. Waiting for jobs ahead to complete.'),
  dataEvaluationEnqueued: message(
    'evaluation enqueued',
    'Data evaluation enqueued. Waiting for jobs ahead to complete.',
  ),
  failed: (error: JobError): JobEvent => ({
    key: 'failed',
    level: 'error',
    type: 'message',
    message: error.message,
    data: { code: error.code },
  }),
} as const

export type FileRole = 'training' | 'validation'

function message(key: string, text: string): JobEvent {
  return { key, level: 'info', type: 'message', message: text }
}

function withoutReport(text: string): JobEvent {
  return { key: 'no report', level: 'warn', type: 'message', message: text }
}
