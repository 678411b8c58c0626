import { Anchor, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { count, dateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { saveFile } from '../elements/save-file.ts'
import { storedFile } from '../service/files.ts'
import type { Job } from '../service/jobs.ts'
import classes from './job-settings.module.css'
import { METHOD_NAMES } from './method-names.ts'

/** In the order in which they come; the last two where a report was asked for. */
const RESULT_FILES = ['Results file', 'Report of the evaluation', 'Comparison with the base']

/** What the job was created with, and what it settled. */
export function JobSettings({ job }: { job: Job }) {
  const { n_epochs, batch_size, learning_rate_multiplier } = job.hyperparameters
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Base model', job.model],
    ['Training file', <code key="file">{job.training_file}</code>],
    ...(job.validation_file ? [['Validation file', <code key="file">{job.validation_file}</code>] as const] : []),
    ['Method', METHOD_NAMES[job.method.type]],
    ...(job.method.type === 'dpo' ? [['Beta', job.method.dpo.hyperparameters.beta] as const] : []),
    ['Epochs', n_epochs],
    ['Batch size', batch_size],
    ['Learning rate multiplier', learning_rate_multiplier],
    ['Seed', job.seed],
    ['Trained tokens', job.trained_tokens === null ? '–' : count(job.trained_tokens)],
    ['Created', dateTime(job.created_at)],
    ['Finished', job.finished_at === null ? '–' : dateTime(job.finished_at)],
    ...job.result_files.map(
      (id, index) => [RESULT_FILES[index] ?? 'Result file', <ResultFile key="file" id={id} />] as const,
    ),
  ]
  return (
    <Card title="Settings">
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="xs" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" className={classes.value}>
              {value}
            </Text>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function ResultFile({ id }: { id: string }) {
  const save = useMutation({
    mutationFn: async () => {
      const file = await storedFile(id)
      saveFile(file, file.name)
    },
  })
  return (
    <>
      <code>{id}</code>{' '}
      <Anchor component="button" type="button" size="sm" onClick={() => save.mutate()} aria-label={`Save ${id}`}>
        Save
      </Anchor>
      {save.error && (
        <Text size="xs" c="var(--failed)" role="alert">
          {save.error.message}
        </Text>
      )}
    </>
  )
}
