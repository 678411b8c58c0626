import { Group, Table, Text } from '@mantine/core'
import { IconListDetails, IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { count, shortDateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { CursorPages, useCursors } from '../elements/cursor-pages.tsx'
import { LinkButton, TextLink } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { Empty, Loaded } from '../elements/states.tsx'
import { type Job, listJobs } from '../service/jobs.ts'
import { JobStatus, reason } from './job-status.tsx'
import classes from './jobs-page.module.css'

const ROWS = 20

export function JobsPage() {
  const cursors = useCursors()
  const jobs = useQuery({
    queryKey: ['jobs', cursors.cursor],
    queryFn: () => listJobs(cursors.cursor, ROWS),
    refetchInterval: 3_000,
    placeholderData: keepPreviousData,
  })
  const create = (
    <LinkButton to="/jobs/new" leftSection={<IconPlus size={16} />}>
      Create job
    </LinkButton>
  )
  return (
    <Page
      title="Jobs"
      about="Each job is evaluated twice: its data before training, its model after. One that fails is not charged."
      actions={create}
    >
      <Card flush>
        <Loaded query={jobs} what="the jobs" rows={6}>
          {({ data, has_more }) =>
            data.length === 0 ? (
              <Empty icon={<IconListDetails size={22} />} title="No jobs yet" action={create}>
                Upload a training file, choose a base model, and watch the job on its way to a verdict.
              </Empty>
            ) : (
              <>
                <JobTable jobs={data} />
                <CursorPages cursors={cursors} hasMore={has_more} last={data.at(-1)?.id} what="jobs" />
              </>
            )
          }
        </Loaded>
      </Card>
    </Page>
  )
}

function JobTable({ jobs }: { jobs: readonly Job[] }) {
  const navigate = useNavigate()
  return (
    <Table className={classes.table} highlightOnHover>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Job</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th className={classes.wide}>Base model</Table.Th>
          <Table.Th className={classes.wide} ta="right">
            Trained tokens
          </Table.Th>
          <Table.Th className={classes.wide}>Created</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {jobs.map((job) => (
          <Table.Tr
            key={job.id}
            className={classes.row}
            onClick={() => navigate({ to: '/jobs/$id', params: { id: job.id } })}
          >
            <Table.Td>
              <TextLink to="/jobs/$id" params={{ id: job.id }} fw={560} onClick={(event) => event.stopPropagation()}>
                {job.suffix ?? 'Unnamed job'}
              </TextLink>
              <Text size="xs" c="dimmed" className="mono" truncate>
                {job.id}
              </Text>
            </Table.Td>
            <Table.Td>
              <Group gap={6}>
                <JobStatus status={job.status} />
                {reason(job) && (
                  <Text size="xs" c="dimmed" className={classes.reason}>
                    {reason(job)}
                  </Text>
                )}
              </Group>
            </Table.Td>
            <Table.Td className={classes.wide}>{job.model}</Table.Td>
            <Table.Td className={`${classes.wide} numbers`} ta="right">
              {job.trained_tokens === null ? '–' : count(job.trained_tokens)}
            </Table.Td>
            <Table.Td className={classes.wide}>{shortDateTime(job.created_at)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
