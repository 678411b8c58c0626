import { Button, Checkbox, Group, NumberInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { bytes, shortDateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { FormError } from '../elements/form-error.tsx'
import { LinkButton, TextLink } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { both, Loaded } from '../elements/states.tsx'
import { Upload, useUpload } from '../elements/upload.tsx'
import { listFiles, type StoredFile } from '../service/files.ts'
import { createJob, type NewJob } from '../service/jobs.ts'
import { isBase, listModels, type Model } from '../service/models.ts'
import { METHOD_NAMES } from './method-names.ts'

/** Files that are offered; older ones are named by their id on the page of files. */
const OFFERED = 200

export function NewJobPage() {
  const models = useQuery({ queryKey: ['models'], queryFn: () => listModels() })
  const files = useQuery({ queryKey: ['files', 'offered'], queryFn: () => listFiles(undefined, OFFERED, 'fine-tune') })
  return (
    <Page
      title="Create a job"
      about="The data is evaluated before training, the model after it. You are charged only if both pass."
    >
      <Loaded query={both(models, files)} what="models and files" rows={6} frame={(state) => <Card>{state}</Card>}>
        {([found, { data }]) => <NewJobForm bases={found.filter(isBase)} files={data} />}
      </Loaded>
    </Page>
  )
}

function NewJobForm({ bases, files }: { bases: readonly Model[]; files: readonly StoredFile[] }) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const search = useSearch({ from: '/jobs/new' })
  // One that was aligned keeps its refusals through tuning: it is the better start.
  const preferred = bases.find((one) => one.id.includes('aligned')) ?? bases[0]
  const [model, setModel] = useState<string | null>(preferred?.id ?? null)
  const [training, setTraining] = useState<string | null>(search.file ?? null)
  const [validation, setValidation] = useState<string | null>(null)
  const [suffix, setSuffix] = useState('')
  const [seed, setSeed] = useState<number | string>('')
  const [epochs, setEpochs] = useState<number | string>('')
  const [batch, setBatch] = useState<number | string>('')
  const [rate, setRate] = useState<number | string>('')
  const [method, setMethod] = useState<NewJob['method']['type']>('supervised')
  const [beta, setBeta] = useState<number | string>('')

  const upload = useUpload(async (file) => {
    await queries.invalidateQueries({ queryKey: ['files'] })
    setTraining(file.id)
  })
  const [report, setReport] = useState(false)
  const create = useMutation({
    mutationFn: createJob,
    onSuccess: (job) => navigate({ to: '/jobs/$id', params: { id: job.id } }),
  })

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!model || !training) return
    const hyperparameters = {
      n_epochs: orAuto(epochs),
      batch_size: orAuto(batch),
      learning_rate_multiplier: orAuto(rate),
    }
    const wanted: NewJob = {
      model,
      training_file: training,
      ...(validation && { validation_file: validation }),
      ...(suffix !== '' && { suffix }),
      ...(seed !== '' && { seed: Number(seed) }),
      ...(report && { evaluation_report: true }),
      method:
        method === 'dpo'
          ? { type: method, dpo: { hyperparameters: { ...hyperparameters, beta: orAuto(beta) } } }
          : { type: method, supervised: { hyperparameters } },
    }
    create.mutate(wanted)
  }
  const choices = files.map((file) => ({
    value: file.id,
    label: `${file.filename} · ${bytes(file.bytes)} · ${shortDateTime(file.created_at)}`,
  }))
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Card
          title="Training data"
          aside={
            <TextLink to="/check-file" size="sm">
              Check a file first
            </TextLink>
          }
        >
          <Stack gap="md">
            <Upload
              upload={upload}
              hint="JSON lines, at least 10 examples, under 512 MB. It is stored encrypted under your key."
              small={choices.length > 0}
            />
            <Select
              label="Training file"
              placeholder={choices.length === 0 ? 'None uploaded yet' : 'Choose an uploaded file'}
              data={choices}
              value={training}
              onChange={setTraining}
              searchable
              required
              nothingFoundMessage="No such file"
            />
            <Select
              label="Validation file"
              description="Measured, never learned from. Optional."
              placeholder="None"
              data={choices}
              value={validation}
              onChange={setValidation}
              searchable
              clearable
              clearButtonProps={{ 'aria-label': 'No validation file' }}
            />
          </Stack>
        </Card>
        <Card title="Model">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <Select
              label="Base model"
              data={bases.map((one) => one.id)}
              value={model}
              onChange={setModel}
              allowDeselect={false}
              required
            />
            <TextInput
              label="Suffix"
              description="Becomes part of the model's name"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              placeholder="my-tutor"
              value={suffix}
              maxLength={64}
              error={/^[a-zA-Z0-9_-]*$/.test(suffix) ? undefined : 'Letters, digits, - and _ only'}
              onChange={(event) => setSuffix(event.currentTarget.value)}
            />
          </SimpleGrid>
        </Card>
        <Card
          title="Hyperparameters"
          aside={
            <Text size="xs" c="dimmed">
              What is left empty is set by the service
            </Text>
          }
        >
          <SimpleGrid cols={{ base: 1, sm: 2 }} mb="md">
            <Select
              label="Method"
              description="It has to fit the training file"
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={Object.entries(METHOD_NAMES).map(([value, label]) => ({ value, label }))}
              value={method}
              onChange={(value) => setMethod(value === 'dpo' ? 'dpo' : 'supervised')}
              allowDeselect={false}
            />
            {method === 'dpo' && (
              <NumberInput
                label="Beta"
                description="How much the model is held to its base"
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                placeholder="auto"
                min={0.01}
                max={2}
                step={0.1}
                decimalScale={3}
                value={beta}
                onChange={setBeta}
              />
            )}
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <NumberInput
              label="Epochs"
              placeholder="auto"
              min={1}
              max={50}
              allowDecimal={false}
              value={epochs}
              onChange={setEpochs}
            />
            <NumberInput
              label="Batch size"
              placeholder="auto"
              min={1}
              max={256}
              allowDecimal={false}
              value={batch}
              onChange={setBatch}
            />
            <NumberInput
              label="Learning rate multiplier"
              placeholder="auto"
              min={0.01}
              step={0.1}
              decimalScale={3}
              value={rate}
              onChange={setRate}
            />
            <NumberInput
              label="Seed"
              placeholder="random"
              min={0}
              max={2147483647}
              allowDecimal={false}
              hideControls
              value={seed}
              onChange={setSeed}
            />
          </SimpleGrid>
        </Card>
        <Checkbox
          label="Keep a report of the model evaluation"
          description="Its counts, and what the tuning changed against the base: files of yours, and none of what was said"
          checked={report}
          onChange={(event) => setReport(event.currentTarget.checked)}
        />
        <FormError error={create.error} />
        <Group justify="flex-end" gap="xs">
          <LinkButton to="/jobs" variant="default">
            Back to the jobs
          </LinkButton>
          <Button type="submit" loading={create.isPending} disabled={!model || !training || upload.isPending}>
            Create job
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function orAuto(value: number | string): number | 'auto' {
  return value === '' ? 'auto' : Number(value)
}
