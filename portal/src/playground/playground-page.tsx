import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core'
import { IconMessage2, IconPlayerStopFilled, IconSend2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, type KeyboardEvent, useState } from 'react'
import { Card } from '../elements/card.tsx'
import { FormError } from '../elements/form-error.tsx'
import { Page } from '../elements/page.tsx'
import { both, Empty, Loaded } from '../elements/states.tsx'
import { type Deployment, isBase, listDeployments, listModels, type Model } from '../service/models.ts'
import classes from './playground-page.module.css'
import { useConversation } from './use-conversation.ts'

export function PlaygroundPage() {
  const models = useQuery({ queryKey: ['models'], queryFn: () => listModels() })
  const deployments = useQuery({ queryKey: ['deployments'], queryFn: listDeployments })
  return (
    <Page
      title="Playground"
      about="Talk to a model that passed. The conversation is in this tab only, and ends with it."
    >
      <Loaded query={both(models, deployments)} what="models" frame={(state) => <Card>{state}</Card>}>
        {([found, deployed]) => <Playground models={found} deployments={deployed} />}
      </Loaded>
    </Page>
  )
}

function Playground({ models, deployments }: { models: readonly Model[]; deployments: readonly Deployment[] }) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/playground' })
  const tuned = models.filter((one) => !isBase(one)).map((one) => one.id)
  const bases = models.filter(isBase).map((one) => one.id)
  const names = deployments.filter((one) => one.status === 'succeeded').map((one) => one.name)
  const model = search.model ?? names[0] ?? tuned[0] ?? bases.find((name) => name.includes('aligned')) ?? bases[0] ?? ''
  const [system, setSystem] = useState('')
  const [temperature, setTemperature] = useState<number | string>(0.7)
  const [longest, setLongest] = useState<number | string>(256)
  const [text, setText] = useState('')
  const { turns, answering, error, send, stop, clear } = useConversation()

  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    const said = text.trim()
    if (said === '' || answering || model === '') return
    setText('')
    void send(said, { model, system, temperature: Number(temperature || 0), max_tokens: Number(longest || 256) })
  }
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <div className={classes.playground}>
      <Card>
        <div className={classes.conversation}>
          <div className={classes.turns} role="log" aria-label="Conversation" aria-busy={answering}>
            {turns.length === 0 ? (
              <Empty icon={<IconMessage2 size={22} />} title="Nothing said yet">
                Write to the model below. Enter sends, Shift and Enter begin a new line.
              </Empty>
            ) : (
              turns.map((turn) => (
                <div key={turn.id} className={classes.turn} data-role={turn.role}>
                  <Text size="xs" c="dimmed" fw={560}>
                    {turn.role === 'user' ? 'You' : 'Model'}
                  </Text>
                  <p className={classes.said}>{turn.content || (answering ? '…' : '(no answer)')}</p>
                  {turn.note && (
                    <Text size="xs" c="dimmed" className="numbers">
                      {turn.note}
                    </Text>
                  )}
                </div>
              ))
            )}
          </div>
          <FormError error={error} />
          <form onSubmit={submit} className={classes.write}>
            <Textarea
              className={classes.text}
              aria-label="Message"
              placeholder="Message"
              autosize
              minRows={1}
              maxRows={8}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              onKeyDown={enter}
            />
            {answering ? (
              <Button variant="default" leftSection={<IconPlayerStopFilled size={14} />} onClick={stop}>
                Stop
              </Button>
            ) : (
              <ActionIcon type="submit" size={36} aria-label="Send" disabled={text.trim() === ''}>
                <IconSend2 size={18} />
              </ActionIcon>
            )}
          </form>
        </div>
      </Card>
      <Card title="Settings">
        <Stack gap="sm">
          <Select
            label="Model or deployment"
            data={[
              { group: 'Deployments', items: names },
              { group: 'Tuned models', items: tuned },
              { group: 'Base models', items: bases },
            ].filter(({ items }) => items.length > 0)}
            value={model}
            onChange={(value) =>
              navigate({
                to: '/playground',
                search: { model: value ?? undefined } as { model?: string },
                replace: true,
              })
            }
            allowDeselect={false}
          />
          <Textarea
            label="System message"
            placeholder="None"
            autosize
            minRows={2}
            maxRows={6}
            value={system}
            onChange={(event) => setSystem(event.currentTarget.value)}
          />
          <NumberInput label="Temperature" min={0} max={2} step={0.1} value={temperature} onChange={setTemperature} />
          <NumberInput
            label="Longest reply, in tokens"
            min={1}
            max={2048}
            step={64}
            value={longest}
            onChange={setLongest}
          />
          <Group>
            <Button variant="default" onClick={clear} disabled={turns.length === 0}>
              Begin anew
            </Button>
          </Group>
        </Stack>
      </Card>
    </div>
  )
}
