import { Group, Stack, Title } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './verdict.module.css'

const ICONS = { passed: IconCircleCheck, failed: IconCircleX, unsure: IconHelpCircle } as const

/** How something ended: its mark and name first, what is known about it, and below, what follows. */
export function Verdict(props: {
  label: string
  tone: keyof typeof ICONS
  title: string
  about: ReactNode
  children?: ReactNode
}) {
  const { label, tone, title, about, children } = props
  const Icon = ICONS[tone]
  return (
    <section className={classes.verdict} data-tone={tone} aria-label={label}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <Icon size={24} className={classes.icon} aria-hidden="true" />
        <Stack gap={6} role="status" className={classes.said}>
          <Title order={2}>{title}</Title>
          {about}
        </Stack>
      </Group>
      {children}
    </section>
  )
}
