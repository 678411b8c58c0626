import { Group, Table, Text } from '@mantine/core'
import { IconBox, IconRocket } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { date, shortDateTime } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { Confirm } from '../elements/confirm.tsx'
import { LinkButton, TextLink } from '../elements/link-button.tsx'
import { Page } from '../elements/page.tsx'
import { Empty, Loaded } from '../elements/states.tsx'
import { Status } from '../elements/status.tsx'
import { JobStatus } from '../jobs/job-status.tsx'
import {
  type Deployment,
  deleteDeployment,
  deleteModel,
  type Import,
  isBase,
  listDeployments,
  listImports,
  listModels,
  type Model,
} from '../service/models.ts'
import { Deploy } from './deploy.tsx'
import classes from './models-page.module.css'

export function ModelsPage() {
  const models = useQuery({ queryKey: ['models'], queryFn: () => listModels() })
  const deployments = useQuery({ queryKey: ['deployments'], queryFn: listDeployments })
  const imports = useQuery({
    queryKey: ['imports'],
    queryFn: listImports,
    refetchInterval: ({ state }) => (state.data?.some((one) => one.finished_at === null) ? 3_000 : false),
  })
  return (
    <Page
      title="Models and deployments"
      about="A model is deployed only on a signed verdict about its very bytes. Open its attestation to check that yourself."
    >
      <Card title="Deployments" flush>
        <Loaded query={deployments} what="the deployments" rows={2}>
          {(found) => <Deployments deployments={found} />}
        </Loaded>
      </Card>
      <Loaded
        query={models}
        what="the models"
        rows={3}
        frame={(state) => (
          <Card title="Tuned models" flush>
            {state}
          </Card>
        )}
      >
        {(found) => (
          <>
            <Card title="Tuned models" flush>
              <TunedModels models={found.filter((one) => !isBase(one))} />
            </Card>
            <Loaded query={imports} what="the imported models" rows={2} frame={importsCard}>
              {(all) => all.length > 0 && importsCard(<Imports imports={all} />)}
            </Loaded>
            <Card title="Base models" flush>
              <BaseModels models={found.filter(isBase)} />
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Deployments({ deployments }: { deployments: readonly Deployment[] }) {
  const queries = useQueryClient()
  if (deployments.length === 0) {
    return (
      <Empty icon={<IconRocket size={22} />} title="Nothing is deployed">
        A deployment gives a model a name of your own, which stays when you put another model behind it.
      </Empty>
    )
  }
  return (
    <ActionTable name="Name and model" when="Created">
      {deployments.map(({ name, model, status, error, content_filter, created_at }) => (
        <Table.Tr key={name}>
          <Table.Td className={classes.model}>
            <Text size="sm" fw={600}>
              {name}
            </Text>
            <TextLink to="/models/$model" params={{ model }} size="xs">
              {model}
            </TextLink>
            {content_filter && (
              <Text size="xs" c="dimmed">
                Content filter: {content_filter}
              </Text>
            )}
            {status === 'creating' && <Status tone="running">Its checkpoint is being evaluated</Status>}
            {error && <Status tone="failed">{error.message}</Status>}
          </Table.Td>
          <Table.Td className={classes.wide}>{shortDateTime(created_at)}</Table.Td>
          <Table.Td>
            <Group gap={6} justify="flex-end">
              {status === 'succeeded' && (
                <LinkButton to="/playground" search={{ model: name }} size="xs" variant="default">
                  Playground
                </LinkButton>
              )}
              <Confirm
                name={`Delete the deployment ${name}`}
                title="Delete this deployment?"
                act="Delete"
                question={`“${name}” stops answering. The model behind it stays.`}
                run={() => deleteDeployment(name)}
                done={() => queries.invalidateQueries({ queryKey: ['deployments'] })}
              />
            </Group>
          </Table.Td>
        </Table.Tr>
      ))}
    </ActionTable>
  )
}

function TunedModels({ models }: { models: readonly Model[] }) {
  const queries = useQueryClient()
  if (models.length === 0) {
    return (
      <Empty icon={<IconBox size={22} />} title="No tuned models yet">
        A job whose model passes its evaluation leaves one here. One that is refused leaves none.
      </Empty>
    )
  }
  return (
    <ActionTable name="Model" when="Created">
      {models.map(({ id, created }) => (
        <Table.Tr key={id}>
          <Table.Td className={classes.model}>
            <TextLink to="/models/$model" params={{ model: id }} fw={560} size="sm">
              {id}
            </TextLink>
          </Table.Td>
          <Table.Td className={classes.wide}>{shortDateTime(created)}</Table.Td>
          <Table.Td>
            <Group gap={6} justify="flex-end">
              <LinkButton to="/models/$model" params={{ model: id }} size="xs" variant="default">
                Attestation
              </LinkButton>
              <Deploy model={id} small />
              <Confirm
                name={`Delete the model ${id}`}
                title="Delete this model?"
                act="Delete"
                question="The model is deleted for good. One that has a deployment is not deleted."
                run={() => deleteModel(id)}
                done={() => queries.invalidateQueries({ queryKey: ['models'] })}
              />
            </Group>
          </Table.Td>
        </Table.Tr>
      ))}
    </ActionTable>
  )
}

/** There where somebody imported a model. */
function importsCard(content: ReactNode) {
  return (
    <Card title="Imported models" flush>
      {content}
    </Card>
  )
}

/** Models that were tuned elsewhere: how far each is, and what it ended with. */
function Imports({ imports }: { imports: readonly Import[] }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Import</Table.Th>
          <Table.Th>Status</Table.Th>
          <Table.Th className={classes.wide}>Created</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {imports.map(({ id, status, base_model, model, error, created_at }) => (
          <Table.Tr key={id}>
            <Table.Td className={classes.model}>
              {model ? (
                <TextLink to="/models/$model" params={{ model }} size="sm">
                  {model}
                </TextLink>
              ) : (
                <Text size="sm" className="mono">
                  {id}
                </Text>
              )}
              <Text size="xs" c="dimmed">
                on {base_model}
              </Text>
              {error && (
                <Text size="xs" c="dimmed">
                  {error.message}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <JobStatus status={status} />
            </Table.Td>
            <Table.Td className={classes.wide}>{shortDateTime(created_at)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function BaseModels({ models }: { models: readonly Model[] }) {
  return (
    <ActionTable name="Model" when="Released">
      {models.map(({ id, created }) => (
        <Table.Tr key={id}>
          <Table.Td>
            <Text size="sm" fw={560}>
              {id}
            </Text>
          </Table.Td>
          <Table.Td className={classes.wide}>{date(created)}</Table.Td>
          <Table.Td ta="right">
            <LinkButton to="/models/$model" params={{ model: id }} size="xs" variant="default">
              Attestation
            </LinkButton>
          </Table.Td>
        </Table.Tr>
      ))}
    </ActionTable>
  )
}

function ActionTable({ name, when, children }: { name: string; when: string; children: ReactNode }) {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{name}</Table.Th>
          <Table.Th className={classes.wide}>{when}</Table.Th>
          <Table.Th ta="right">Actions</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{children}</Table.Tbody>
    </Table>
  )
}
