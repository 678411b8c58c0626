import { Group, List, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { count, money } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { Verdict } from '../elements/verdict.tsx'
import { CATEGORIES, CATEGORY_NAMES, type Category, hadReport, type Job, type Journey } from '../service/jobs.ts'
import classes from './outcome.module.css'

/** How the job ended: what the service said, which harm, what it costs, and what to do next. Nothing while it goes on. */
export function Outcome({ journey }: { journey: Journey }) {
  const { job } = journey
  if (job.status === 'succeeded') return <Succeeded journey={journey} />
  if (job.status === 'cancelled') return <Cancelled journey={journey} />
  return job.status === 'failed' && job.error ? <Failed journey={journey} error={job.error} /> : null
}

interface Account {
  /** Whether harm was found, or the job failed for another reason. */
  readonly tone: 'failed' | 'unsure'
  readonly title: string
  readonly next: readonly string[]
}

function account(code: string): Account {
  switch (code) {
    case 'data_evaluation_failed':
      return {
        tone: 'failed',
        title: 'The training data did not pass its evaluation',
        next: [
          'Look at the rows that were found, with their category and severity: “See the rows” runs the same evaluation and shows them beside your file.',
          'Remove or rewrite them, or save a cleaned copy, and create the job again.',
        ],
      }
    case 'model_evaluation_failed':
      return {
        tone: 'failed',
        title: 'The tuned model did not pass its evaluation',
        next: [
          'Look for rows that teach the model to comply: a fixed opening, a persona that never refuses, eager beginnings of answers. No single row has to be harmful for that.',
          'Change the data and create the job again. The verdict on this model is kept: the same model cannot be tried again for a better one.',
        ],
      }
    case 'model_evaluation_undecided':
      return {
        tone: 'unsure',
        title: 'The evaluation of the model could not decide',
        next: [
          'No harm was established; the model lies between the rate that is acceptable and the one that is not.',
          'Create the job again, or look over the training data first: fewer borderline rows bring it to a decision.',
        ],
      }
    case 'evaluation_unavailable':
      return {
        tone: 'unsure',
        title: 'The evaluation could not be held',
        next: [
          'This is a fault of the evaluator, and says nothing about your data or your model. Create the job again later.',
        ],
      }
    case 'invalid_training_file':
    case 'invalid_validation_file':
      return {
        tone: 'unsure',
        title: 'A file could not be read',
        next: [
          'Correct the lines that the message names, or choose the method that it names, and create the job again.',
        ],
      }
    default:
      return {
        tone: 'unsure',
        title: 'The job could not be finished',
        next: ['Create the job again. If it fails in the same way, tell whoever runs the service the code below.'],
      }
  }
}

function Failed({ journey, error }: { journey: Journey; error: NonNullable<Job['error']> }) {
  const { tone, title, next } = account(error.code)
  const categories = categoriesIn(error)
  const { job } = journey
  return (
    <Verdict
      label="Why the job failed"
      tone={tone}
      title={title}
      about={<p className={classes.message}>{error.message}</p>}
    >
      <dl className={classes.facts}>
        {categories.length > 0 && (
          <Fact name="Categories">
            <Group gap={6}>
              {categories.map((category) => (
                <span key={category} className={classes.category}>
                  {CATEGORY_NAMES[category]}
                </span>
              ))}
            </Group>
          </Fact>
        )}
        <Fact name="Charged">
          <Charged journey={journey} />
        </Fact>
        <Fact name="Code">
          <code>{error.code}</code>
        </Fact>
        <Fact name="Next">
          <List size="sm" spacing={4} className={classes.next}>
            {next.map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
            {error.code.startsWith('model_evaluation_') && !journey.evaluation_report && (
              <List.Item>{ASK_FOR_A_REPORT}</List.Item>
            )}
          </List>
        </Fact>
      </dl>
      <Group gap="xs" className={classes.actions}>
        {error.code === 'data_evaluation_failed' && (
          <LinkButton to="/check-file" search={{ file: job.training_file }}>
            See the rows
          </LinkButton>
        )}
        <SeeReport job={job} />
        <LinkButton to="/jobs/new" variant="default">
          Create a new job
        </LinkButton>
      </Group>
    </Verdict>
  )
}

const ASK_FOR_A_REPORT =
  'Ask the next job for a report: it counts what was harmful by strategy, and what your data changed in the base.'

function SeeReport({ job }: { job: Job }) {
  if (!hadReport(job)) return null
  return (
    <LinkButton to="/jobs/$id/evaluation" params={{ id: job.id }} variant="default">
      See the report
    </LinkButton>
  )
}

function Charged({ journey }: { journey: Journey }) {
  const { charged, trained_tokens } = journey.bill
  if (charged.value > 0) {
    return (
      <Text size="sm">
        <strong>{money(charged.value, charged.currency)}</strong> for {count(trained_tokens)} trained tokens.
      </Text>
    )
  }
  return (
    <Text size="sm">
      <strong>{money(0, charged.currency)}.</strong>{' '}
      {trained_tokens > 0
        ? `Neither the ${count(trained_tokens)} tokens that were trained nor the evaluations are charged.`
        : 'A training that did not end is not charged, nor are evaluations.'}
    </Text>
  )
}

function Succeeded({ journey }: { journey: Journey }) {
  const model = journey.job.fine_tuned_model ?? ''
  return (
    <Verdict
      label="How the job ended"
      tone="passed"
      title="The model passed and can be deployed"
      about={
        <p className={classes.message}>
          Its verdict is signed, and bound to the very bytes of <code>{model}</code>.
        </p>
      }
    >
      <dl className={classes.facts}>
        <Fact name="Charged">
          <Charged journey={journey} />
        </Fact>
      </dl>
      <Group gap="xs" className={classes.actions}>
        <LinkButton to="/models/$model" params={{ model }}>
          Verify and deploy
        </LinkButton>
        <LinkButton to="/playground" search={{ model }} variant="default">
          Try it in the playground
        </LinkButton>
        <SeeReport job={journey.job} />
      </Group>
    </Verdict>
  )
}

function Cancelled({ journey }: { journey: Journey }) {
  return (
    <Card title="The job was cancelled">
      <dl className={classes.facts}>
        <Fact name="Charged">
          <Charged journey={journey} />
        </Fact>
      </dl>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** The harm types that the message names between its brackets: `[hate_fairness, violence]` of data, `[Self Harm]` of a model. */
export function categoriesIn({ code, message }: { code: string; message: string }): readonly Category[] {
  if (code !== 'data_evaluation_failed' && !code.startsWith('model_evaluation_')) return []
  const named = /\[([^\]]*)\]/.exec(message)?.[1]?.split(', ') ?? []
  const found = named.map((name) => name.toLowerCase().replaceAll(' ', '_'))
  return CATEGORIES.filter((category) => found.includes(category))
}
