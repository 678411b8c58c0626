import { Group } from '@mantine/core'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { Card } from '../elements/card.tsx'
import { TextLink } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { Failure, Loading } from '../elements/states.tsx'
import { usePositions } from '../evaluation/positions.ts'
import { ConnectionState } from './connection-state.tsx'
import { JobActions, JobActionsRefused, useJobActions } from './job-actions.tsx'
import classes from './job-page.module.css'
import { JobStatus } from './job-status.tsx'
import { useJourney } from './use-journey.ts'
import { WatchedJobContext } from './watched-job.ts'

/** What the pages about one job share: its name and state, whether the connection lives, the ways to its parts. */
export function JobPage() {
  const { id } = useParams({ from: '/jobs/$id' })
  const { journey, connection, refused, heardAt } = useJourney(id)
  const positions = usePositions(journey)
  const actions = useJobActions(id)
  const name = journey?.job.suffix ?? (journey ? 'Unnamed job' : 'Job')
  return (
    <Page
      title={name}
      heading={
        <Group gap="sm" component="span">
          {name}
          {journey && <JobStatus status={journey.job.status} />}
        </Group>
      }
      about={
        <>
          <TextLink to="/jobs" underline="always">
            Jobs
          </TextLink>{' '}
          / <span className="mono">{id}</span>
        </>
      }
      actions={journey && <JobActions journey={journey} actions={actions} />}
    >
      <JobActionsRefused actions={actions} />
      <ConnectionState connection={connection} heardAt={heardAt} />
      {journey ? (
        <WatchedJobContext value={{ journey, connection, positions }}>
          <nav className={classes.tabs} aria-label="Parts of the job">
            <Link to="/jobs/$id" params={{ id }} className={classes.tab} activeOptions={{ exact: true }}>
              Overview
            </Link>
            <Link to="/jobs/$id/evaluation" params={{ id }} className={classes.tab}>
              Model evaluation
            </Link>
          </nav>
          <Outlet />
        </WatchedJobContext>
      ) : (
        <Card>{refused ? <Failure error={refused} /> : <Loading what="the job" rows={8} />}</Card>
      )}
    </Page>
  )
}
