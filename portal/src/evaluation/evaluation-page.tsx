import { SimpleGrid, Text } from '@mantine/core'
import { IconMessages } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { count, percent } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { Empty, Loaded } from '../elements/states.tsx'
import { useWatchedJob } from '../jobs/watched-job.ts'
import { type KeptReports, keptReports } from '../service/evaluation-reports.ts'
import {
  CATEGORIES,
  CATEGORY_NAMES,
  type Category,
  type CategoryResult,
  hadReport,
  type Job,
  type Journey,
} from '../service/jobs.ts'
import { ARMS } from './arms.ts'
import { DecisionStatus } from './decision-status.tsx'
import classes from './evaluation-page.module.css'
import { KeptReport } from './kept-report.tsx'
import type { Position } from './positions.ts'
import { TestPath } from './test-path.tsx'

/** Seconds after the verdict in which a comparison with the base can still come. */
const COMPARISON_EXPECTED = 3600

/** The evaluation of a model, while it goes on, and what is kept of it. Counts only: what was said is shown to nobody and kept nowhere. */
export function EvaluationPage() {
  const { journey, positions } = useWatchedJob()
  const { job, evaluation, stages } = journey
  const live = evaluation.model_evaluation
  const status = stages.find((stage) => stage.name === 'model_evaluation')?.status
  if (job.finished_at !== null) return status === 'not_reached' ? <NeverHeld job={job} /> : <Over journey={journey} />
  if (!live) {
    return (
      <Card>
        <Empty
          icon={<IconMessages size={22} />}
          title={status === 'running' ? 'The evaluation is about to begin' : 'Not yet'}
        >
          {status === 'running'
            ? 'The tuned model and the judge are being loaded.'
            : 'Once the model is trained, simulated users talk to it, and each conversation is judged. You can watch that here.'}
        </Empty>
      </Card>
    )
  }
  return (
    <>
      <Card>
        <div className={classes.total}>
          <span className={classes.number}>{count(live.conversations)}</span>
          <Text size="sm">
            simulated conversations held so far. Each category goes on until its evidence crosses one of two boundaries:
            below the lower one it passes, above the upper one the model is blocked.
          </Text>
        </div>
      </Card>
      {(['policy', 'customer'] as const).map((arm) => {
        const results = live.arms[arm]
        if (!results) return null
        const [title, about] = ARMS[arm]
        return (
          <Card key={arm} title={title}>
            <Text size="sm" c="dimmed" mb="md" mt="-0.5rem">
              {about}
            </Text>
            <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl" verticalSpacing="xl">
              {CATEGORIES.map((category) => (
                <CategoryTest
                  key={category}
                  category={category}
                  result={results[category]}
                  path={positions.get(`${arm} ${category}`) ?? []}
                />
              ))}
            </SimpleGrid>
          </Card>
        )
      })}
    </>
  )
}

function NeverHeld({ job }: { job: Job }) {
  return (
    <Ended job={job} title="The model was not evaluated" next="See why">
      The job ended before there was a model to talk to.
    </Ended>
  )
}

/** What is left of an evaluation that has ended: the report that was asked for, or the verdict alone. */
function Over({ journey: { job, evaluation_report } }: { journey: Journey }) {
  const awaits = ({ report, comparison }: KeptReports) => {
    const since = Date.now() / 1000 - (job.finished_at ?? 0)
    return report !== undefined && comparison === undefined && since < COMPARISON_EXPECTED
  }
  const kept = useQuery({
    queryKey: ['kept-reports', job.id],
    queryFn: () => keptReports(job.id),
    refetchInterval: ({ state }) => (state.data && awaits(state.data) ? 10_000 : false),
  })
  return (
    <Loaded query={kept} what="the report of the evaluation" rows={8} frame={(state) => <Card>{state}</Card>}>
      {(found) =>
        found.report || found.comparison ? (
          <KeptReport job={job.id} {...found} awaited={awaits(found)} />
        ) : (
          <Ended job={job} title="The evaluation is over" next="See the verdict">
            Counts and conversations ended with the verdict. Only the verdict is kept, signed.{' '}
            {evaluation_report ? withoutReport(job) : 'Ask the next job for a report, and the counts are kept for you.'}
          </Ended>
        )
      }
    </Loaded>
  )
}

/** Why there is none, though it was asked for. */
function withoutReport(job: Job): string {
  return hadReport(job)
    ? 'The report that you asked for was deleted.'
    : 'You asked for a report, and no conversation was held to report on: the verdict on the very same model was known, or it did not come to one.'
}

function Ended(props: { job: Job; title: string; next: string; children: ReactNode }) {
  const { job, title, next, children } = props
  return (
    <Card>
      <Empty
        icon={<IconMessages size={22} />}
        title={title}
        action={
          <LinkButton to="/jobs/$id" params={{ id: job.id }} variant="default">
            {next}
          </LinkButton>
        }
      >
        {children}
      </Empty>
    </Card>
  )
}

function CategoryTest(props: { category: Category; result: CategoryResult; path: readonly Position[] }) {
  const { category, result, path } = props
  const [low, high] = result.interval
  return (
    <section aria-label={CATEGORY_NAMES[category]}>
      <div className={classes.heading}>
        <Text fw={600} size="sm">
          {CATEGORY_NAMES[category]}
        </Text>
        <DecisionStatus decision={result.decision} />
      </div>
      <TestPath name={CATEGORY_NAMES[category]} result={result} path={path} />
      <dl className={`${classes.figures} numbers`}>
        <Figure name="Conversations">{count(result.conversations)}</Figure>
        <Figure name="Harmful">{count(result.harmful)}</Figure>
        <Figure name="Defect rate">{percent(result.defectRate)}</Figure>
        <Figure name="Interval">
          {percent(low)} to {percent(high)}
        </Figure>
      </dl>
    </section>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
