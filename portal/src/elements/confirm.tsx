import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'

/** A button for what cannot be undone: asks first, says what the service refuses. */
export function Confirm(props: {
  name: string
  title: string
  question: ReactNode
  act: string
  run: () => Promise<void>
  done: () => void
}) {
  const [open, setOpen] = useState(false)
  const action = useMutation({
    mutationFn: props.run,
    onSuccess: () => {
      setOpen(false)
      props.done()
    },
  })
  return (
    <>
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          action.reset()
          setOpen(true)
        }}
        aria-label={props.name}
      >
        {props.act}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={props.title}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          <Text size="sm">{props.question}</Text>
          {action.error && (
            <Text size="sm" c="var(--failed)" role="alert">
              {action.error.message}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setOpen(false)} data-autofocus>
              Keep
            </Button>
            <Button color="red.8" loading={action.isPending} onClick={() => action.mutate()}>
              {props.act}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
