import { Stack, Text } from '@mantine/core'
import { count } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import type { Advice } from '../service/files.ts'
import classes from './advice-card.module.css'

/** Lines that are named; the rest is counted. */
const LINES = 8

/** What no category faults and is known to undo safety. It blocks nothing. */
export function AdviceCard({ advice }: { advice: readonly Advice[] }) {
  return (
    <Card title="Advice">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Harmless word by word, and known to undo a model's safety. It blocks nothing.
        </Text>
        <ul className={classes.list}>
          {advice.map(({ kind, title, rows, of, messages, known, source, remedy, measured }) => (
            <li key={kind}>
              <Text size="sm" fw={600}>
                {title}
              </Text>
              <Text size="sm">
                {count(rows)} of {count(of)} rows: {linesOf(messages)}
                {rows > LINES && ' and more'}. {known} {remedy}
              </Text>
              <Text size="xs" c="dimmed">
                {source}. Of {count(measured.files)} files that got this advice in our measurement,{' '}
                {count(measured.attacks)} were attacks of this kind.
              </Text>
            </li>
          ))}
        </ul>
      </Stack>
    </Card>
  )
}

function linesOf(messages: Advice['messages']): string {
  const lines = [...new Set(messages.map(({ line }) => line))].slice(0, LINES)
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`
}
