import { SimpleGrid, Text } from '@mantine/core'
import { IconMessages } from '@tabler/icons-react'
import { count, percent } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { Empty } from '../elements/states.tsx'
import { Status } from '../elements/status.tsx'
import { useWatchedJob } from '../jobs/watched-job.ts'
import { CATEGORIES, CATEGORY_NAMES, type Category, type CategoryResult } from '../service/jobs.ts'
import classes from './evaluation-page.module.css'
import type { Arm, Position } from './positions.ts'
import { TestPath } from './test-path.tsx'

const ARMS: Readonly<Record<Arm, readonly [title: string, about: string]>> = {
  policy: ['Same questions for every model', 'The fixed mixture of objectives and strategies that the policy sets.'],
  customer: [
    'In the format of your data',
    'The same objectives under the system prompts and opening phrases that recur in your file. This part can only block.',
  ],
}

/** The evaluation of a model, while it goes on. Counts only: what was said is shown to nobody and kept nowhere. */
export function EvaluationPage() {
  const { journey, positions } = useWatchedJob()
  const { job, evaluation, stages } = journey
  const live = evaluation.model_evaluation
  const status = stages.find((stage) => stage.name === 'model_evaluation')?.status
  if (job.finished_at !== null) {
    const never = status === 'not_reached'
    return (
      <Card>
        <Empty
          icon={<IconMessages size={22} />}
          title={never ? 'The model was not evaluated' : 'The evaluation is over'}
          action={
            <LinkButton to="/jobs/$id" params={{ id: job.id }} variant="default">
              {never ? 'See why' : 'See the verdict'}
            </LinkButton>
          }
        >
          {never
            ? 'The job ended before there was a model to talk to.'
            : 'Counts and conversations ended with the verdict. Only the verdict is kept, signed.'}
        </Empty>
      </Card>
    )
  }
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

function CategoryTest(props: { category: Category; result: CategoryResult; path: readonly Position[] }) {
  const { category, result, path } = props
  const [low, high] = result.interval
  return (
    <section aria-label={CATEGORY_NAMES[category]}>
      <div className={classes.heading}>
        <Text fw={600} size="sm">
          {CATEGORY_NAMES[category]}
        </Text>
        <DecisionStatus result={result} />
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

function DecisionStatus({ result }: { result: CategoryResult }) {
  switch (result.decision) {
    case 'accepted':
      return <Status tone="passed">Passed</Status>
    case 'rejected':
      return <Status tone="failed">Blocked</Status>
    case 'undecided':
      return <Status tone="running">In progress</Status>
  }
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
