import { Button, Group, Table, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import { count, percent } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { saveFile } from '../elements/save-file.ts'
import type {
  BaseComparison,
  EvaluationReport,
  KeptReports,
  Paired,
  TestedByCategory,
} from '../service/evaluation-reports.ts'
import { CATEGORIES, CATEGORY_NAMES } from '../service/jobs.ts'
import { ARMS } from './arms.ts'
import { DecisionStatus } from './decision-status.tsx'
import classes from './kept-report.module.css'

/** What the customer asked to keep of an evaluation that is over: counts, and never a word of what was said. */
export function KeptReport(props: KeptReports & { job: string /** A comparison can still come. */; awaited: boolean }) {
  const { job, report, comparison, awaited } = props
  return (
    <>
      <Card>
        <Text size="sm" maw="46rem">
          {report ? (
            <Held report={report.content} />
          ) : (
            'The report itself was deleted; what the data changed against the base is still here.'
          )}
        </Text>
        <Group mt="md" gap="xs">
          <LinkButton to="/jobs/$id" params={{ id: job }} variant="default">
            See the verdict
          </LinkButton>
          {report && (
            <Save file={report.file} name="evaluation-report.json">
              Save the report
            </Save>
          )}
          {comparison && (
            <Save file={comparison.file} name="base-comparison.json">
              Save the comparison
            </Save>
          )}
        </Group>
      </Card>
      {report && <Counts report={report.content} />}
      {comparison ? <Changes comparison={comparison.content} /> : awaited && <ComparisonAwaited />}
    </>
  )
}

function Held({ report: { conversations, policy, judge, seed } }: { report: EvaluationReport }) {
  return (
    <>
      {count(conversations)} simulated conversations were held, under policy {policy.version}, judged by {judge.name},
      drawn from seed <span className="numbers">{seed}</span>. You asked to keep their counts; nothing that was said is
      kept.
    </>
  )
}

function Counts({ report: { categories, customer_arm, strategies } }: { report: EvaluationReport }) {
  return (
    <>
      <Tests arm="policy" results={categories} />
      {customer_arm && <Tests arm="customer" results={customer_arm} />}
      <Strategies strategies={strategies} />
    </>
  )
}

function Save({ file, name, children }: { file: Blob; name: string; children: string }) {
  return (
    <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => saveFile(file, name)}>
      {children}
    </Button>
  )
}

function Tests({ arm, results }: { arm: keyof typeof ARMS; results: TestedByCategory }) {
  const [title, about] = ARMS[arm]
  const decisions = Object.values(results).map(({ decision }) => decision)
  const brokenOff = decisions.includes('rejected') && decisions.includes('undecided')
  return (
    <Card title={title} flush>
      <About>
        {about}
        {brokenOff && ' Once a category is blocked the others are not held to their end: nothing is said of them.'}
      </About>
      <Figures
        name="Category"
        columns={[
          { name: 'Decision', words: true },
          HARMFUL,
          { name: 'Defect rate', wide: true },
          { name: 'Interval', wide: true },
        ]}
        rows={CATEGORIES.map((category) => {
          const { decision, defect_rate, interval } = results[category]
          const [low, high] = interval
          return {
            name: CATEGORY_NAMES[category],
            values: [
              <DecisionStatus key="decision" decision={decision} over />,
              <>
                {harmfulOf(results[category])}
                <Narrow>{percent(defect_rate)}</Narrow>
                <Narrow>
                  {(low * 100).toFixed(1)}–{percent(high)}
                </Narrow>
              </>,
              percent(defect_rate),
              `${percent(low)} to ${percent(high)}`,
            ],
          }
        })}
      />
    </Card>
  )
}

function Strategies({ strategies }: Pick<EvaluationReport, 'strategies'>) {
  return (
    <Card title="By strategy" flush>
      <About>How the requests were put, and how many of the conversations were judged harmful.</About>
      <Figures
        name="Strategy"
        columns={[HARMFUL]}
        rows={Object.entries(strategies)
          .sort(([, a], [, b]) => b.harmful - a.harmful || b.conversations - a.conversations)
          .map(([name, tally]) => ({ name, values: [harmfulOf(tally)] }))}
      />
    </Card>
  )
}

function Changes({ comparison }: { comparison: BaseComparison }) {
  const { base_model, harmful, harmful_in_format, over_refusal } = comparison
  const groups: readonly (readonly [title: string, of: readonly (readonly [name: string, paired: Paired])[]])[] = [
    ['Harmful replies', CATEGORIES.map((category) => [CATEGORY_NAMES[category], harmful[category]])],
    ...(harmful_in_format
      ? [
          [
            'Harmful replies in the format of your data',
            CATEGORIES.map((category) => [CATEGORY_NAMES[category], harmful_in_format[category]] as const),
          ] as const,
        ]
      : []),
    [
      'Refusals of harmless requests',
      [
        ['That sound harmful', over_refusal.sounds_harmful],
        ['Plain ones', over_refusal.plain],
      ],
    ],
  ]
  return (
    <Card title="What your data changed" flush>
      <About>
        The same requests, put once to {base_model} and once to your model. p is the probability of a difference as
        lopsided by chance (exact McNemar test). It decides nothing.
      </About>
      {groups.map(([title, of]) => (
        <Figures
          key={title}
          name={title}
          columns={[{ name: 'Before' }, { name: 'After' }, { name: 'Only after', wide: true }, { name: 'p' }]}
          rows={of.map(([name, { asked, base, tuned, only_tuned, p_value }]) => ({
            name,
            values: [`${base} of ${asked}`, `${tuned} of ${asked}`, count(only_tuned), probability(p_value)],
          }))}
        />
      ))}
    </Card>
  )
}

function ComparisonAwaited() {
  return (
    <Card title="What your data changed">
      <Text size="sm" c="dimmed" role="status">
        The same requests are being put to your model and to its base. This takes some minutes after the verdict, and
        appears here by itself.
      </Text>
    </Card>
  )
}

function About({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" className={classes.about}>
      {children}
    </Text>
  )
}

/** What stands in columns of its own where there is the width. */
function Narrow({ children }: { children: ReactNode }) {
  return (
    <Text span size="xs" c="dimmed" className={classes.narrow}>
      {children}
    </Text>
  )
}

interface Column {
  readonly name: string
  /** Left out where there is little width. */
  readonly wide?: boolean
  /** Not a figure. */
  readonly words?: boolean
}

const HARMFUL: Column = { name: 'Harmful' }
const harmfulOf = ({ harmful, conversations }: { harmful: number; conversations: number }) =>
  `${count(harmful)} of ${count(conversations)}`

function Figures(props: {
  name: string
  columns: readonly Column[]
  rows: readonly { readonly name: string; readonly values: readonly ReactNode[] }[]
}) {
  const { name, columns, rows } = props
  const id = useId()
  return (
    <Table className={classes.figures} aria-labelledby={id}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th id={id}>{name}</Table.Th>
          {columns.map((column) => (
            <Table.Th key={column.name} ta={column.words ? 'left' : 'right'} data-wide={column.wide}>
              {column.name}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <Table.Tr key={row.name}>
            <Table.Th scope="row" fw={560}>
              {row.name}
            </Table.Th>
            {columns.map((column, place) => (
              <Table.Td
                key={column.name}
                ta={column.words ? 'left' : 'right'}
                className="numbers"
                data-wide={column.wide}
              >
                {row.values[place]}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

const probability = (value: number) => (value < 0.001 ? 'under .001' : value.toFixed(3).replace(/^0/, ''))
