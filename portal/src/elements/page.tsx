import { Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

/** A page: its name in the window's title, its heading, what can be done on it, its content. */
export function Page(props: {
  title: string
  heading?: ReactNode
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}) {
  useEffect(() => {
    document.title = `${props.title} · Assay`
  }, [props.title])
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: '1 1 18rem' }}>
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {props.heading ?? props.title}
          </Title>
          {props.about && (
            <Text c="dimmed" size="sm" mt={4} maw="46rem">
              {props.about}
            </Text>
          )}
        </div>
        {props.actions && <Group gap="xs">{props.actions}</Group>}
      </Group>
      {props.children}
    </Stack>
  )
}
