import { Button, Loader, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { bytes } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { FileDrop } from '../elements/file-drop.tsx'
import { FormError } from '../elements/form-error.tsx'
import { Page } from '../elements/page.tsx'
import { Verdict } from '../elements/verdict.tsx'
import { ServiceError } from '../service/call.ts'
import { evaluateFile, storedFile } from '../service/files.ts'
import { CheckedFile } from './checked-file.tsx'
import { LinesOfFile } from './lines-of-file.ts'

/** What the data evaluation of a job would say of a file, before there is a job. */
export function CheckFilePage() {
  const { file: stored } = useSearch({ from: '/check-file' })
  const queries = useQueryClient()
  const stop = useRef<AbortController>(null)
  const check = useMutation({
    mutationFn: async ({ file, id }: { file: File; id?: string }) => {
      const controller = new AbortController()
      stop.current = controller
      const evaluating = evaluateFile(id ?? file, controller.signal)
      const [evaluation, lines] = await Promise.all([evaluating, LinesOfFile.read(file)])
      return { file, evaluation, lines }
    },
  })
  const own = useQuery({
    queryKey: ['content', stored],
    enabled: stored !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => storedFile(stored as string, signal),
  })
  const { mutate } = check
  useEffect(() => {
    if (own.data && stored) mutate({ file: own.data, id: stored })
  }, [own.data, stored, mutate])
  // Nobody waits for the answer any more.
  useEffect(() => () => stop.current?.abort(), [])

  const stopAll = () => {
    stop.current?.abort()
    void queries.cancelQueries({ queryKey: ['content', stored] })
  }
  const stopped = check.error?.name === 'AbortError'
  return (
    <Page
      title="Check a file"
      about="The service judges the rows as a job would, and keeps nothing of them. The text beside them is read from the file in your browser."
    >
      {check.isPending || own.isFetching ? (
        <Card>
          <Stack align="center" gap="sm" py="xl" role="status">
            <Loader size="sm" />
            <Text fw={600}>Judging {check.variables?.file.name ?? 'the stored file'}</Text>
            <Text size="sm" c="dimmed">
              {check.variables ? `${bytes(check.variables.file.size)}; ` : ''}a thousand rows take some seconds.
            </Text>
            <Button variant="default" onClick={stopAll}>
              Stop
            </Button>
          </Stack>
        </Card>
      ) : (
        <FileDrop
          small={check.data !== undefined}
          label={check.data ? 'Check another file' : 'Drop a training file, or choose one'}
          hint="JSON lines with chat messages, at least 10 examples"
          onFile={(file) => check.mutate({ file })}
        />
      )}
      {!check.isPending && !own.isFetching && (
        <Failed name={check.variables?.file.name} error={own.error ?? (stopped ? null : check.error)} />
      )}
      {check.data && !check.isPending && <CheckedFile key={check.submittedAt} {...check.data} />}
      {!check.data && !check.isPending && !check.error && (
        <Card title="What it looks for">
          <Stack gap="sm">
            <Text size="sm" maw="46rem">
              Each message that the model would learn is judged for violence, sexual content, hate and self-harm,
              together with what comes before it. One odd row blocks nobody: a file fails when more rows stand out than
              false alarms explain.
            </Text>
            <Text size="sm" c="dimmed">
              The same check runs without a server: <code className="command">assay check train.jsonl</code>
            </Text>
          </Stack>
        </Card>
      )}
    </Page>
  )
}

/** Why there is no verdict on the file. */
function Failed({ name, error }: { name: string | undefined; error: Error | null }) {
  if (!(error instanceof ServiceError && FAULTY.has(error.code))) return <FormError error={error} />
  return (
    <div role="alert">
      <Verdict
        label="Faults of the file"
        tone="unsure"
        title={`${name ?? 'The file'} cannot be read as training data`}
        about={
          <>
            <Text size="sm">{error.message}</Text>
            <Text size="sm" c="dimmed">
              Correct these lines and check the file again. Nothing was judged.
            </Text>
          </>
        }
      />
    </div>
  )
}

const FAULTY: ReadonlySet<string> = new Set(['invalid_training_file', 'empty_file'])
