import { Button, Group, Text } from '@mantine/core'
import { type UseMutationResult, useMutation } from '@tanstack/react-query'
import { cancelJob, type Job, type Journey, pauseJob, resumeJob } from '../service/jobs.ts'

/** What can be done with a job that goes on, each asked for once. */
export function useJobActions(id: string) {
  const pause = useMutation({ mutationFn: () => pauseJob(id) })
  return {
    pause,
    // A pause that was asked for is over once the job goes on.
    resume: useMutation({ mutationFn: () => resumeJob(id), onSuccess: () => pause.reset() }),
    cancel: useMutation({ mutationFn: () => cancelJob(id) }),
  }
}

type JobActionsOf = ReturnType<typeof useJobActions>

/** The buttons; nothing for a job that has ended. */
export function JobActions({ journey, actions }: { journey: Journey; actions: JobActionsOf }) {
  const { job } = journey
  const { pause, resume, cancel } = actions
  if (job.finished_at !== null) return null
  return (
    <Group gap="xs">
      {job.status === 'paused' && <Action of={resume}>Resume job</Action>}
      {canPause(journey) && (
        <Action of={pause} done="Pausing after this epoch">
          Pause job
        </Action>
      )}
      <Action of={cancel}>Cancel job</Action>
    </Group>
  )
}

/** Why one of them was refused. */
export function JobActionsRefused({ actions }: { actions: JobActionsOf }) {
  return Object.entries(actions).map(
    ([name, { error }]) =>
      error && (
        <Text key={name} c="var(--failed)" size="sm" role="alert">
          {error.message}
        </Text>
      ),
  )
}

function Action(props: { of: UseMutationResult<Job, Error, void>; done?: string; children: string }) {
  const { of, done, children } = props
  const said = done !== undefined && of.isSuccess
  return (
    <Button variant="default" loading={of.isPending} disabled={said} onClick={() => of.mutate()}>
      {said ? done : children}
    </Button>
  )
}

/** While it trains by a method that can go on from a checkpoint. */
function canPause({ job, stages }: Journey): boolean {
  const training = stages.find((stage) => stage.name === 'training')
  return job.status === 'running' && training?.status === 'running' && job.method.type === 'supervised'
}
