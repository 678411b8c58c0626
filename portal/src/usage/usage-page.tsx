import { SimpleGrid, Table, Text } from '@mantine/core'
import { IconChartBar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { count, date, money } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { Page } from '../elements/page.tsx'
import { both, Empty, Loaded } from '../elements/states.tsx'
import { type DayOfCosts, dailyCosts, type Used, usageTotals } from '../service/account.ts'
import classes from './usage-page.module.css'

const KINDS = { trained_tokens: 'Trained', prompt_tokens: 'Prompt', completion_tokens: 'Completion' } as const

export function UsagePage() {
  const usage = useQuery({ queryKey: ['usage'], queryFn: usageTotals })
  const costs = useQuery({ queryKey: ['costs'], queryFn: dailyCosts })
  return (
    <Page title="Usage" about="Training is charged once its model has passed. Evaluations never are.">
      <Loaded query={both(usage, costs)} what="usage" frame={(state) => <Card>{state}</Card>}>
        {([used, charged]) => (
          <>
            <Totals usage={used} costs={charged} />
            <Charges costs={charged} />
            <Tokens usage={used} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Totals({ usage, costs }: { usage: readonly Used[]; costs: readonly DayOfCosts[] }) {
  const results = costs.flatMap((day) => day.results)
  const charged = results.reduce((sum, result) => sum + result.amount.value, 0)
  const billed = results.reduce((sum, result) => sum + (result.quantity ?? 0), 0)
  const trained = usage.filter((one) => one.kind === 'trained_tokens').reduce((sum, one) => sum + one.quantity, 0)
  const currency = results[0]?.amount.currency ?? 'usd'
  const tiles = [
    ['Charged', money(charged, currency)],
    ['Tokens trained', count(trained)],
    ['Tokens not charged', count(trained - billed)],
  ]
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      {tiles.map(([name, value]) => (
        <div key={name} className={classes.tile}>
          <Text size="xs" c="dimmed">
            {name}
          </Text>
          <p className={`${classes.value} numbers`}>{value}</p>
        </div>
      ))}
    </SimpleGrid>
  )
}

function Charges({ costs }: { costs: readonly DayOfCosts[] }) {
  return (
    <Card title="Charges by day" flush>
      {costs.length === 0 ? (
        <Empty icon={<IconChartBar size={22} />} title="Nothing was charged">
          A charge appears here when the model of a job has passed its evaluation.
        </Empty>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Day</Table.Th>
              <Table.Th>For</Table.Th>
              <Table.Th ta="right" className={classes.wide}>
                Tokens
              </Table.Th>
              <Table.Th ta="right">Amount</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {costs.toReversed().flatMap((day) =>
              day.results.map((result) => (
                <Table.Tr key={`${day.start_time} ${result.line_item}`}>
                  <Table.Td>{date(day.start_time)}</Table.Td>
                  <Table.Td>{result.line_item}</Table.Td>
                  <Table.Td ta="right" className={`${classes.wide} numbers`}>
                    {count(result.quantity ?? 0)}
                  </Table.Td>
                  <Table.Td ta="right" className="numbers">
                    {money(result.amount.value, result.amount.currency)}
                  </Table.Td>
                </Table.Tr>
              )),
            )}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  )
}

function Tokens({ usage }: { usage: readonly Used[] }) {
  const models = [...Map.groupBy(usage, (one) => one.model)]
  return (
    <Card title="Tokens by model" flush>
      {models.length === 0 ? (
        <Empty icon={<IconChartBar size={22} />} title="Nothing was used yet">
          Training and chat are counted here.
        </Empty>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Model</Table.Th>
              {Object.values(KINDS).map((name) => (
                <Table.Th key={name} ta="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {models.map(([model, used]) => (
              <Table.Tr key={model}>
                <Table.Td className={classes.model}>{model}</Table.Td>
                {Object.keys(KINDS).map((kind) => {
                  const found = used.find((one) => one.kind === kind)
                  return (
                    <Table.Td key={kind} ta="right" className="numbers">
                      {found ? count(found.quantity) : '–'}
                    </Table.Td>
                  )
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  )
}
