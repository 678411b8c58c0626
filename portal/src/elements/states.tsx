import { Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import { IconAlertTriangle, IconPlugConnectedX, IconReload } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { ServiceError } from '../service/call.ts'
import classes from './states.module.css'

/** What is on the way, in the shape that it will have. */
export function Loading({ rows = 4, what }: { rows?: number; what: string }) {
  return (
    <Stack gap="sm" p="lg" aria-busy="true" role="status">
      <VisuallyHidden>Loading {what}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <Skeleton key={row} height={14} width={`${94 - ((row * 17) % 38)}%`} />
      ))}
    </Stack>
  )
}

/** What a query of TanStack Query has to say for it to be shown. */
interface Query<Data> {
  readonly data: Data | undefined
  readonly error: Error | null
  readonly refetch: () => unknown
}

/**
 * What a query found, and where it may be old by now, why; before that, that it is on its way, or what went wrong. `frame` goes
 * around what is not the finding.
 */
export function Loaded<Data>(props: {
  query: Query<Data>
  what: string
  rows?: number
  frame?: (state: ReactNode) => ReactNode
  children: (data: Data) => ReactNode
}) {
  const { query, what, rows, frame = (state) => state, children } = props
  const { error, refetch } = query
  if (query.data !== undefined) {
    return (
      <>
        {error && <NotUpToDate error={error} retry={() => refetch()} />}
        {children(query.data)}
      </>
    )
  }
  return frame(
    error ? <Failure error={error} retry={() => refetch()} /> : <Loading what={what} {...(rows && { rows })} />,
  )
}

/** Two queries whose findings are shown together. */
export function both<One, Other>(one: Query<One>, other: Query<Other>): Query<readonly [One, Other]> {
  return {
    data: one.data !== undefined && other.data !== undefined ? [one.data, other.data] : undefined,
    error: one.error ?? other.error,
    refetch: () => Promise.all([one.refetch(), other.refetch()]),
  }
}

/** What is shown was found earlier: asking again has failed. */
export function NotUpToDate({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <div className={classes.old} role="status">
      <Text size="sm">Not up to date: {error.message}</Text>
      <Button variant="subtle" size="compact-sm" onClick={retry}>
        Try again
      </Button>
    </div>
  )
}

/** Nothing there yet: what this place is for, and the first step. */
export function Empty(props: { icon: ReactNode; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <div className={classes.icon} aria-hidden="true">
        {props.icon}
      </div>
      <Text fw={600}>{props.title}</Text>
      <Text c="dimmed" size="sm" maw="30rem" ta="center">
        {props.children}
      </Text>
      {props.action}
    </div>
  )
}

/** What went wrong, in the service's words, with a way on. */
export function Failure({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  return (
    <div className={classes.empty} role="alert">
      <div className={classes.icon} data-tone="failed" aria-hidden="true">
        {error instanceof ServiceError ? <IconAlertTriangle size={22} /> : <IconPlugConnectedX size={22} />}
      </div>
      <Text fw={600}>This could not be shown</Text>
      <Text c="dimmed" size="sm" maw="34rem" ta="center">
        {error.message}
      </Text>
      {error instanceof ServiceError && error.requestId && (
        <Text c="dimmed" size="xs">
          {error.code} · request <code>{error.requestId}</code>
        </Text>
      )}
      {retry && (
        <Button variant="default" leftSection={<IconReload size={16} />} onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  )
}
