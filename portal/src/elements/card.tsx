import { Group, Paper, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './card.module.css'

/** A part of a page, with a heading of its own where it has one. */
export function Card(props: { title?: string; aside?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <Paper component="section" className={classes.card} data-flush={props.flush || undefined} aria-label={props.title}>
      {props.title && (
        <Group justify="space-between" className={classes.heading} wrap="wrap" gap="xs">
          <Title order={2}>{props.title}</Title>
          {props.aside}
        </Group>
      )}
      {props.children}
    </Paper>
  )
}
