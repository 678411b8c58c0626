import { Button, Checkbox, Chip, Group, Pagination, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { bytes, count } from '../elements/amounts.ts'
import { Card } from '../elements/card.tsx'
import { LinkButton } from '../elements/link-button.tsx'
import { saveFile } from '../elements/save-file.ts'
import { Verdict } from '../elements/verdict.tsx'
import type { DataEvaluation, Finding } from '../service/files.ts'
import { CATEGORIES, CATEGORY_NAMES, type Category } from '../service/jobs.ts'
import { AdviceCard } from './advice-card.tsx'
import classes from './checked-file.module.css'
import { FlaggedRow } from './flagged-row.tsx'
import type { LinesOfFile } from './lines-of-file.ts'

/** Rows in the document at once. */
const ROWS = 10

/** A file with its findings, beside the rows that they speak of. */
export function CheckedFile(props: { file: File; evaluation: DataEvaluation; lines: LinesOfFile }) {
  const { file, evaluation, lines } = props
  const flagged = useMemo(() => [...Map.groupBy(evaluation.findings, (finding) => finding.line)], [evaluation])
  const [kept, setKept] = useState<ReadonlySet<number>>(new Set())
  const [only, setOnly] = useState<string>('all')
  const [page, setPage] = useState(1)
  const removed = flagged.map(([line]) => line).filter((line) => !kept.has(line))
  const shown = flagged.filter(([, findings]) => only === 'all' || findings.some(({ category }) => category === only))
  const toggle = (line: number, remove: boolean) => {
    const next = new Set(kept)
    if (remove) next.delete(line)
    else next.add(line)
    setKept(next)
  }
  return (
    <>
      <Outcome file={file} evaluation={evaluation} flagged={flagged.length} />
      {flagged.length > 0 && (
        <Card title="Rows that stand out" flush>
          <div className={classes.tools}>
            <Chip.Group
              value={only}
              onChange={(value) => {
                setOnly(value as string)
                setPage(1)
              }}
            >
              <Group gap={6} role="group" aria-label="Category">
                <Chip size="xs" value="all" variant="outline">
                  All {count(flagged.length)}
                </Chip>
                {CATEGORIES.map((category) => {
                  const rows = rowsOf(category, flagged)
                  return (
                    rows > 0 && (
                      <Chip key={category} size="xs" value={category} variant="outline">
                        {CATEGORY_NAMES[category]} {count(rows)}
                      </Chip>
                    )
                  )
                })}
              </Group>
            </Chip.Group>
            <Button
              leftSection={<IconDownload size={16} />}
              disabled={removed.length === 0}
              onClick={() => saveFile(lines.without(new Set(removed)), cleanedName(file.name))}
            >
              Save a copy without {removed.length === 1 ? 'this row' : `these ${count(removed.length)} rows`}
            </Button>
          </div>
          <ul className={classes.rows}>
            {shown.slice((page - 1) * ROWS, page * ROWS).map(([line, findings]) => (
              <li key={line} className={classes.row}>
                <Checkbox
                  checked={!kept.has(line)}
                  onChange={(event) => toggle(line, event.currentTarget.checked)}
                  aria-label={`Leave line ${line} out of the cleaned copy`}
                />
                <FlaggedRow line={line} findings={findings} lines={lines} />
              </li>
            ))}
          </ul>
          {shown.length > ROWS && (
            <Group justify="center" p="md">
              <Pagination
                total={Math.ceil(shown.length / ROWS)}
                value={page}
                onChange={setPage}
                size="sm"
                getControlProps={(control) => ({ 'aria-label': `${control} page` })}
                getItemProps={(item) => ({ 'aria-label': `Page ${item}` })}
              />
            </Group>
          )}
          {evaluation.findings_left_out > 0 && (
            <Text size="sm" c="dimmed" p="md">
              {count(evaluation.findings_left_out)} more findings were left out of the answer. Check the cleaned copy
              again to see them.
            </Text>
          )}
        </Card>
      )}
      {evaluation.advice.length > 0 && <AdviceCard advice={evaluation.advice} />}
    </>
  )
}

function Outcome({ file, evaluation, flagged }: { file: File; evaluation: DataEvaluation; flagged: number }) {
  const { assessment, rows, not_judged, judge, policy } = evaluation
  const about = (
    <>
      <Text size="sm">{assessment.message}</Text>
      <Text size="sm" c="dimmed">
        {count(rows)} rows, {bytes(file.size)};{' '}
        {flagged === 0 ? 'none stands out' : `${count(flagged)} ${flagged === 1 ? 'stands' : 'stand'} out`}
        {not_judged > 0 && `; ${count(not_judged)} in a language that the judge was not found good at were not judged`}.
        Judge {judge.name}, policy {policy.version}.
      </Text>
      {assessment.passed && flagged > 0 && (
        <Text size="sm">
          So few rows are no more than the judge's own false alarms explain: they block nobody, and are shown to you to
          look at.
        </Text>
      )}
      {assessment.passed && (
        <Group>
          <LinkButton to="/jobs/new" variant="default" size="xs">
            Create a job
          </LinkButton>
        </Group>
      )}
    </>
  )
  return (
    <Verdict
      label="Verdict"
      tone={assessment.passed ? 'passed' : 'failed'}
      title={`${file.name} ${assessment.passed ? 'would pass' : 'would fail'}`}
      about={about}
    />
  )
}

function rowsOf(category: Category, flagged: readonly (readonly [number, readonly Finding[]])[]): number {
  return flagged.filter(([, findings]) => findings.some((finding) => finding.category === category)).length
}

function cleanedName(name: string): string {
  return name.replace(/(\.[a-z]+)?$/i, (extension) => `-cleaned${extension || '.jsonl'}`)
}
