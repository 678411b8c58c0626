import { Text, VisuallyHidden } from '@mantine/core'
import { IconBan, IconCheck, IconMinus, IconPlayerPause, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { count, duration } from '../elements/amounts.ts'
import type { Tone } from '../elements/status.tsx'
import type { Journey, Stage } from '../service/jobs.ts'
import classes from './stages.module.css'

const NAMES: Readonly<Record<Stage['name'], string>> = {
  file_validation: 'File validation',
  queue: 'Queue',
  data_evaluation: 'Data evaluation',
  training: 'Training',
  model_evaluation: 'Model evaluation',
}

const STATES: Readonly<Record<Stage['status'], string>> = {
  waiting: 'Not started',
  running: 'In progress',
  paused: 'Paused',
  passed: 'Passed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  not_reached: 'Not reached',
}

const TONES: Readonly<Record<Stage['status'], Tone>> = {
  waiting: 'quiet',
  running: 'running',
  paused: 'quiet',
  passed: 'passed',
  failed: 'failed',
  cancelled: 'quiet',
  not_reached: 'quiet',
}

/** The way of a job from its file to its verdict. */
export function Stages({ journey }: { journey: Journey }) {
  const now = useNow(journey.job.finished_at === null)
  return (
    <ol className={classes.stages}>
      {journey.stages.map((stage) => (
        <li key={stage.name} className={classes.stage} data-tone={TONES[stage.status]}>
          <span className={classes.mark} aria-hidden="true">
            <StageMark status={stage.status} />
          </span>
          <div className={classes.text}>
            <Text fw={600} size="sm" lh={1.35}>
              {NAMES[stage.name]}
            </Text>
            <Text size="xs" className={classes.state}>
              {stateOf(stage)}
              {stage.started_at !== null && (
                <span className={`${classes.time} numbers`}>
                  {' · '}
                  {duration((stage.finished_at ?? now) - stage.started_at)}
                </span>
              )}
            </Text>
            <Detail stage={stage} journey={journey} />
          </div>
        </li>
      ))}
    </ol>
  )
}

function stateOf({ name, status }: Stage): string {
  return name === 'queue' && status === 'passed'
    ? 'Done'
    : name === 'training' && status === 'passed'
      ? 'Done'
      : STATES[status]
}

function Detail({ stage, journey }: { stage: Stage; journey: Journey }) {
  const { data_evaluation, model_evaluation } = journey.evaluation
  if (stage.status !== 'running') return null
  if (stage.name === 'data_evaluation' && data_evaluation) return <More>{count(data_evaluation.rows)} rows judged</More>
  if (stage.name === 'model_evaluation' && model_evaluation) {
    return <More>{count(model_evaluation.conversations)} conversations held</More>
  }
  return null
}

function More({ children }: { children: React.ReactNode }) {
  return (
    <Text size="xs" c="dimmed" className="numbers">
      {children}
    </Text>
  )
}

function StageMark({ status }: { status: Stage['status'] }) {
  switch (status) {
    case 'passed':
      return <IconCheck size={16} stroke={2.4} />
    case 'failed':
      return <IconX size={16} stroke={2.4} />
    case 'cancelled':
      return <IconBan size={16} stroke={2} />
    case 'running':
      return <span className={classes.pulse} />
    case 'paused':
      return <IconPlayerPause size={14} stroke={2} />
    case 'waiting':
    case 'not_reached':
      return <IconMinus size={14} stroke={2} />
  }
}

/** Seconds since 1970, again every second while `running`. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000)
  useEffect(() => {
    if (!running) return
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000)
    return () => clearInterval(timer)
  }, [running])
  return now
}

export function StagesSummary({ journey }: { journey: Journey }) {
  const current = journey.stages.findLast((stage) => stage.started_at !== null)
  return <VisuallyHidden role="status">{current && `${NAMES[current.name]}: ${stateOf(current)}`}</VisuallyHidden>
}
