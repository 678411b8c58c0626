import { SimpleGrid, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import {
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { Card } from '../elements/card.tsx'
import { both, Loaded } from '../elements/states.tsx'
import { type Checkpoint, type Journey, listCheckpoints, listMetrics } from '../service/jobs.ts'
import classes from './training-charts.module.css'

/** Points that a chart draws, however many steps there were. */
const POINTS = 400

type Metrics = Readonly<Record<string, number>>

/** Loss and accuracy by step, with the steps whose adapter was kept. */
export default function TrainingCharts({ journey }: { journey: Journey }) {
  const { id } = journey.job
  const version = journey.job.finished_at ?? journey.last_event_id
  const metrics = useQuery({
    queryKey: ['metrics', id, version],
    queryFn: () => listMetrics(id, POINTS),
    placeholderData: keepPreviousData,
  })
  const checkpoints = useQuery({
    queryKey: ['checkpoints', id, version],
    queryFn: () => listCheckpoints(id),
    placeholderData: keepPreviousData,
  })
  return (
    <Loaded
      query={both(metrics, checkpoints)}
      what="the metrics"
      frame={(state) => <Card title="Training">{state}</Card>}
    >
      {([points, marks]) => <Charts metrics={points} marks={marks} />}
    </Loaded>
  )
}

function Charts({ metrics, marks }: { metrics: readonly Metrics[]; marks: readonly Checkpoint[] }) {
  return (
    <Card
      title="Training"
      aside={
        marks.length > 0 && (
          <Text size="xs" c="dimmed" className={classes.checkpoints}>
            {marks.length} {marks.length === 1 ? 'checkpoint' : 'checkpoints'} kept, at step{' '}
            {marks
              .map((one) => one.step_number)
              .toReversed()
              .join(', ')}
          </Text>
        )
      }
    >
      {metrics.length === 0 ? (
        <Text c="dimmed" size="sm">
          The first step has not been reported yet.
        </Text>
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
          <Chart title="Loss" training="train_loss" validation="valid_loss" metrics={metrics} marks={marks} />
          <Chart
            title="Token accuracy"
            training="train_mean_token_accuracy"
            validation="valid_mean_token_accuracy"
            metrics={metrics}
            marks={marks}
            share
          />
        </SimpleGrid>
      )}
    </Card>
  )
}

function Chart(props: {
  title: string
  training: string
  validation: string
  metrics: readonly Metrics[]
  marks: readonly Checkpoint[]
  share?: boolean
}) {
  const { title, training, validation, metrics, marks, share } = props
  const validated = metrics.some((point) => validation in point)
  const last = metrics.at(-1)?.[training]
  const shown = (value: number) => (share ? `${(value * 100).toFixed(1)} %` : value.toFixed(3))
  const tick = { fontSize: 12, fill: 'var(--mantine-color-dimmed)' }
  return (
    <figure className={classes.figure}>
      <Text component="figcaption" size="sm" fw={560} mb="xs">
        {title}
        {last !== undefined && (
          <Text span c="dimmed" fw={400} size="sm" className="numbers">
            {' '}
            · {shown(last)} at step {metrics.at(-1)?.step}
          </Text>
        )}
      </Text>
      <div className={classes.chart}>
        <ResponsiveContainer width="100%" height="100%">
          <LineChart
            data={[...metrics]}
            margin={{ top: 16, right: 12, bottom: 0, left: 0 }}
            accessibilityLayer={false}
            role="img"
            aria-label={`${title} by training step`}
          >
            <CartesianGrid stroke="var(--line)" vertical={false} />
            <XAxis
              dataKey="step"
              type="number"
              domain={['dataMin', 'dataMax']}
              tick={tick}
              stroke="var(--line)"
              tickCount={6}
              allowDecimals={false}
            />
            <YAxis
              tick={tick}
              stroke="var(--line)"
              width={44}
              domain={share ? [0, 1] : [0, 'auto']}
              tickFormatter={(value: number) => (share ? `${Math.round(value * 100)} %` : String(value))}
            />
            <Tooltip
              formatter={(value) => shown(Number(value))}
              labelFormatter={(step) => `Step ${step}`}
              isAnimationActive={false}
              contentStyle={{
                background: 'var(--card)',
                border: '1px solid var(--line)',
                borderRadius: 8,
                fontSize: 13,
              }}
            />
            {validated && <Legend iconType="plainline" wrapperStyle={{ fontSize: 12 }} />}
            {marks.map((mark) => (
              <ReferenceLine
                key={mark.id}
                x={mark.step_number}
                stroke="var(--mantine-color-dimmed)"
                strokeDasharray="3 4"
              />
            ))}
            <Line
              name="Training"
              dataKey={training}
              stroke="var(--series-1)"
              strokeWidth={2}
              dot={metrics.length < 12 ? { r: 3 } : false}
              isAnimationActive={false}
            />
            {validated && (
              <Line
                name="Validation"
                dataKey={validation}
                stroke="var(--series-2)"
                strokeWidth={2}
                strokeDasharray="6 3"
                connectNulls
                dot={false}
                isAnimationActive={false}
              />
            )}
          </LineChart>
        </ResponsiveContainer>
      </div>
      {marks.length > 0 && (
        <Text size="xs" c="dimmed">
          Dashed lines: checkpoints
        </Text>
      )}
    </figure>
  )
}
