import { Button, Group, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'

/** Where in a list that goes on after a cursor one is: the cursors of the pages passed, so that one can go back. */
export function useCursors() {
  const [passed, setPassed] = useState<readonly string[]>([])
  return {
    cursor: passed.at(-1),
    page: passed.length + 1,
    forward: (cursor: string) => setPassed([...passed, cursor]),
    back: () => setPassed(passed.slice(0, -1)),
    first: () => setPassed([]),
  }
}

/** However long the list is, one page of it is in the document. */
export function CursorPages(props: {
  cursors: ReturnType<typeof useCursors>
  hasMore: boolean
  last: string | undefined
  what: string
}) {
  const { cursors, hasMore, last } = props
  if (cursors.page === 1 && !hasMore) return null
  return (
    <Group justify="space-between" p="md" component="nav" aria-label={`Pages of ${props.what}`}>
      <Text size="sm" c="dimmed" aria-live="polite">
        Page {cursors.page}
      </Text>
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          disabled={cursors.page === 1}
          onClick={cursors.back}
          leftSection={<IconChevronLeft size={14} />}
        >
          Newer
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!hasMore || !last}
          onClick={() => last && cursors.forward(last)}
          rightSection={<IconChevronRight size={14} />}
        >
          Older
        </Button>
      </Group>
    </Group>
  )
}
