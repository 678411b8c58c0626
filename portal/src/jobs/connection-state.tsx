import { Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { timeOfDay } from '../elements/amounts.ts'
import classes from './connection-state.module.css'
import type { Connection } from './use-journey.ts'

/** Says so when what is shown may be old. */
export function ConnectionState({ connection, heardAt }: { connection: Connection; heardAt: number | undefined }) {
  return (
    <div role="status" className={classes.region}>
      {connection === 'lost' && (
        <div className={classes.lost}>
          <IconPlugConnectedX size={18} aria-hidden="true" />
          <Text size="sm">
            <strong>Connection lost.</strong>{' '}
            {heardAt === undefined
              ? 'Trying to reach the service.'
              : `Showing what was known at ${timeOfDay(heardAt / 1000)}. Trying again; the job goes on meanwhile.`}
          </Text>
        </div>
      )}
    </div>
  )
}
