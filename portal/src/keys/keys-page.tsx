import { Button, Group, Modal, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { date } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { Confirm } from '../elements/confirm.tsx'
import { Copy } from '../elements/copy.tsx'
import { FormError } from '../elements/form-error.tsx'
import { Page } from '../elements/page.tsx'
import { Empty, Loaded } from '../elements/states.tsx'
import { Status } from '../elements/status.tsx'
import { type ApiKey, deleteKey, listKeys, makeKey } from '../service/account.ts'
import { apiKey } from '../service/session.ts'
import classes from './keys-page.module.css'

export function KeysPage() {
  const queries = useQueryClient()
  const keys = useQuery({ queryKey: ['keys'], queryFn: listKeys })
  const again = () => queries.invalidateQueries({ queryKey: ['keys'] })
  return (
    <Page
      title="API keys"
      about="A key opens all of this resource: its files, jobs, models and deployments. It is shown once, when it is created."
      actions={<NewKey made={again} />}
    >
      <Card flush>
        <Loaded query={keys} what="the keys">
          {(found) =>
            found.length === 0 ? (
              <Empty icon={<IconKey size={22} />} title="No keys">
                Create one for each program that uses this resource.
              </Empty>
            ) : (
              <KeyTable keys={found} again={again} />
            )
          }
        </Loaded>
      </Card>
    </Page>
  )
}

function KeyTable({ keys, again }: { keys: readonly ApiKey[]; again: () => void }) {
  const own = apiKey()?.slice(-4)
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Name</Table.Th>
          <Table.Th>Ends in</Table.Th>
          <Table.Th className={classes.wide}>Created</Table.Th>
          <Table.Th ta="right">Actions</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td>
              <Group gap="xs">
                <Text size="sm" fw={560} className={classes.name}>
                  {key.name}
                </Text>
                {key.last_four === own && <Status tone="quiet">This tab</Status>}
              </Group>
            </Table.Td>
            <Table.Td>
              <code>…{key.last_four}</code>
            </Table.Td>
            <Table.Td className={classes.wide}>{date(key.created_at)}</Table.Td>
            <Table.Td ta="right">
              {keys.length === 1 ? (
                <Text size="xs" c="dimmed">
                  To delete it, create another first.
                </Text>
              ) : (
                <Confirm
                  name={`Delete the key ${key.name}`}
                  title="Delete this key?"
                  act="Delete"
                  question={`Programs that use “${key.name}” are refused from now on.${key.last_four === own ? ' This tab uses it, too: you will be signed out.' : ''}`}
                  run={() => deleteKey(key.id)}
                  done={again}
                />
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function NewKey({ made }: { made: () => void }) {
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const make = useMutation({ mutationFn: makeKey, onSuccess: made })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') make.mutate(name.trim())
  }
  const close = () => {
    setOpen(false)
    setName('')
    make.reset()
  }
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
        Create key
      </Button>
      <Modal
        opened={open}
        onClose={close}
        title={make.data ? 'Your new key' : 'Create a key'}
        closeOnClickOutside={!make.data}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {make.data ? (
          <Stack>
            <Text size="sm">Copy it now. It is stored as a hash only, and cannot be shown again.</Text>
            <div className={classes.key}>
              <code>{make.data.key}</code>
              <Copy value={make.data.key} what="the key" />
            </div>
            <Button onClick={close}>I have copied it</Button>
          </Stack>
        ) : (
          <form onSubmit={submit}>
            <Stack>
              <TextInput
                label="Name"
                description="What it is for"
                placeholder="nightly pipeline"
                value={name}
                maxLength={100}
                onChange={(event) => setName(event.currentTarget.value)}
                data-autofocus
              />
              <FormError error={make.error} />
              <Button type="submit" loading={make.isPending} disabled={name.trim() === ''}>
                Create key
              </Button>
            </Stack>
          </form>
        )}
      </Modal>
    </>
  )
}
