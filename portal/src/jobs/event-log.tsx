import { Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { dateTime, timeOfDay } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { CursorPages, useCursors } from '../elements/cursor-pages.tsx'
import { Loaded } from '../elements/states.tsx'
import { type JobEvent, type Journey, listEvents } from '../service/jobs.ts'
import classes from './event-log.module.css'

const ROWS = 50

/** What happened, newest first; one page of it at a time, however long the job was. */
export function EventLog({ journey }: { journey: Journey }) {
  const { id } = journey.job
  const cursors = useCursors()
  // Only the newest page grows.
  const version = cursors.cursor ?? journey.last_event_id
  const events = useQuery({
    queryKey: ['events', id, cursors.cursor, version],
    queryFn: () => listEvents(id, cursors.cursor, ROWS),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Card title="Events" flush>
      <Loaded query={events} what="the events">
        {({ data, has_more }) => (
          <>
            <ul className={classes.events}>
              {data.map((event) => (
                <Event key={event.id} event={event} />
              ))}
            </ul>
            <CursorPages cursors={cursors} hasMore={has_more} last={data.at(-1)?.id} what="events" />
          </>
        )}
      </Loaded>
    </Card>
  )
}

function Event({ event }: { event: JobEvent }) {
  return (
    <li className={classes.event} data-level={event.level}>
      <Text
        component="time"
        size="xs"
        c="dimmed"
        className={`${classes.time} numbers`}
        dateTime={new Date(event.created_at * 1000).toISOString()}
        title={dateTime(event.created_at)}
      >
        {timeOfDay(event.created_at)}
      </Text>
      <Text size="sm" className={classes.message}>
        {event.message}
      </Text>
    </li>
  )
}
