import { lazy, Suspense } from 'react'
import { Card } from '../elements/card.tsx'
import { Loading } from '../elements/states.tsx'
import { EventLog } from './event-log.tsx'
import { JobSettings } from './job-settings.tsx'
import { Outcome } from './outcome.tsx'
import { Stages, StagesSummary } from './stages.tsx'
import { useWatchedJob } from './watched-job.ts'

const TrainingCharts = lazy(() => import('./training-charts.tsx'))

export function JobOverview() {
  const { journey } = useWatchedJob()
  const trained = journey.stages.some((stage) => stage.name === 'training' && stage.started_at !== null)
  return (
    <>
      <Outcome journey={journey} />
      <Card title="Journey">
        <Stages journey={journey} />
        <StagesSummary journey={journey} />
      </Card>
      {trained && (
        <Suspense
          fallback={
            <Card>
              <Loading what="the charts" />
            </Card>
          }
        >
          <TrainingCharts journey={journey} />
        </Suspense>
      )}
      <JobSettings job={journey.job} />
      <EventLog journey={journey} />
    </>
  )
}
