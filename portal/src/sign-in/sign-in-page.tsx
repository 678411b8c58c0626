import { Alert, Button, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { Mark } from '../elements/mark.tsx'
import { ServiceError } from '../service/call.ts'
import { listModels } from '../service/models.ts'
import { reasonOfSignOut, signIn } from '../service/session.ts'
import classes from './sign-in-page.module.css'

export function SignInPage() {
  const [key, setKey] = useState('')
  const attempt = useMutation({
    mutationFn: async (tried: string) => {
      await listModels(tried)
      signIn(tried)
    },
  })
  useEffect(() => {
    document.title = 'Sign in · Assay'
  }, [])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (key.trim() !== '') attempt.mutate(key.trim())
  }
  return (
    <main className={classes.page}>
      <Paper className={classes.card}>
        <form onSubmit={submit}>
          <Stack gap="md">
            <Mark size={40} />
            <div>
              <Title order={1}>Sign in to Assay</Title>
              <Text c="dimmed" size="sm" mt={6}>
                Fine-tuning in which no model is deployed until its data and its behaviour have passed a safety
                evaluation.
              </Text>
            </div>
            {!attempt.error && reasonOfSignOut() && <Alert color="gray">{reasonOfSignOut()}</Alert>}
            <PasswordInput
              label="API key"
              description="Kept for this tab only"
              placeholder="sk-assay-…"
              autoComplete="off"
              size="md"
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              error={attempt.error && explain(attempt.error)}
              errorProps={{ role: 'alert' }}
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key' }}
              data-autofocus
              autoFocus
            />
            <Button type="submit" size="md" loading={attempt.isPending} disabled={key.trim() === ''}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
      <Text c="dimmed" size="xs" ta="center" maw="26rem">
        No key yet? The service printed one at its first start; <code className="command">assay keys create</code> makes
        more.
      </Text>
    </main>
  )
}

function explain(error: Error): string {
  if (!(error instanceof ServiceError)) return error.message
  return error.status === 401 ? 'This key is not valid here. Check that all of it was copied.' : error.message
}
