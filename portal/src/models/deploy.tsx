import { Button, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { FormError } from '../elements/form-error.tsx'
import { deploy, ownContentFilters } from '../service/models.ts'

/** Gives a model a name that it answers to. The service verifies its attestation first. */
export function Deploy({ model, small }: { model: string; small?: boolean }) {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [name, setName] = useState('')
  const [contentFilter, setContentFilter] = useState('')
  const filters = useQuery({ queryKey: ['content-filters'], queryFn: ownContentFilters, enabled: open })
  const deployment = useMutation({
    mutationFn: deploy,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['deployments'] })
      setOpen(false)
      await navigate({ to: '/models' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name !== '') deployment.mutate({ name, model, contentFilter: contentFilter || null })
  }
  return (
    <>
      <Button
        size={small ? 'xs' : 'sm'}
        variant={small ? 'default' : 'filled'}
        onClick={() => setOpen(true)}
        aria-label={small ? `Deploy ${model}` : undefined}
      >
        Deploy
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title="Deploy this model"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              <code>{model}</code>
            </Text>
            <TextInput
              label="Name of the deployment"
              description="What programs call it by. A name that exists is given this model."
              placeholder="tutor"
              value={name}
              maxLength={64}
              error={/^([a-zA-Z0-9][a-zA-Z0-9._-]*)?$/.test(name) ? undefined : 'Letters, digits, ., - and _ only'}
              onChange={(event) => setName(event.currentTarget.value)}
              data-autofocus
            />
            <NativeSelect
              label="Content filter"
              description="What is withheld from prompts and answers. Others are made with assay content-filters."
              data={[{ value: '', label: 'Default' }, ...(filters.data ?? [])]}
              value={contentFilter}
              onChange={(event) => setContentFilter(event.currentTarget.value)}
            />
            <FormError error={deployment.error ?? filters.error} />
            <Button type="submit" loading={deployment.isPending} disabled={name === ''}>
              Deploy
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
