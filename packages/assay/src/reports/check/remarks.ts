import { ADVICE_TEXTS, type Advice, measuredSentence } from '../../data-advice/index.ts'
import type { DataCategoryResult } from '../../data-evaluation/index.ts'
import { assessmentMessage, CATEGORIES, type Category } from '../../harm/index.ts'
import { faultText } from '../../training-data/index.ts'
import type { CheckedFile, Remark } from './check-report.ts'

/** Lines of an advice that are named. */
const LINES_NAMED = 8

/** Faults and findings of a file, in its order. */
export function remarksOf(file: CheckedFile): Remark[] {
  if (file.outcome === 'invalid') {
    return file.faults.map((fault) => ({ line: fault.line, rule: fault.code, text: faultText(fault), counts: true }))
  }
  if (file.outcome === 'not_evaluated') return []
  const { categories, findings } = file.evaluation
  return findings.map((finding) => ({
    line: finding.line,
    rule: finding.category,
    text: `line ${finding.line}, message ${finding.message}: ${finding.category}, severity ${finding.severity}, probability ${finding.probability.toFixed(3)}`,
    counts: categories[finding.category].failed,
  }))
}

/** What stands above advice, in any format. */
export const ADVICE_TITLE = 'Advice, which blocks nothing'

export function adviceOf(file: CheckedFile): readonly Advice[] {
  return 'evaluation' in file ? file.evaluation.advice : []
}

/** What an advice says, in its parts: what was found and where, what is known of it with what was measured, what to do. */
export function adviceInWords({ kind, rows, of, messages }: Advice) {
  const { title, known, source, remedy } = ADVICE_TEXTS[kind]
  const lines = [...new Set(messages.map(({ line }) => line))]
  const named = `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, LINES_NAMED).join(', ')}`
  return {
    found: `${title}: ${rows} of ${of} rows, ${named}${rows > LINES_NAMED ? ' and more' : ''}`,
    known: `${known} (${source}) ${measuredSentence(kind)}`,
    remedy,
  }
}

/** A sentence on faults or findings beyond those that are listed; none where all are. */
export function leftOut(file: CheckedFile): string[] {
  const count = leftOutOf(file)
  return count > 0 ? [`${count} more are counted, but not listed.`] : []
}

function leftOutOf(file: CheckedFile): number {
  switch (file.outcome) {
    case 'invalid':
      return file.faultCount - file.faults.length
    case 'not_evaluated':
      return 0
    default:
      return file.evaluation.findingsLeftOut
  }
}

/** What there is to say of a file in one sentence. */
export function summaryOf(file: CheckedFile): string {
  if (file.outcome === 'invalid') {
    return `The file is not valid training data: ${file.faultCount} ${file.faultCount === 1 ? 'fault' : 'faults'}.`
  }
  if (file.outcome === 'not_evaluated') {
    const { code, message, remedy } = file.error
    return ['The file was not evaluated:', message, ...(remedy ? [remedy] : []), `[${code}]`].join(' ')
  }
  const { assessment, rows, notJudged } = file.evaluation
  const message = assessmentMessage(assessment)
  return notJudged === 0
    ? message
    : `${message} ${notJudged} of ${rows} rows were not judged: the judge does not read their language.`
}

/** Why a category fails, by the counts that reach their limit; with none, it passes. */
export function reasonsOf(result: DataCategoryResult): string[] {
  const cuts = (['higher', 'lower'] as const).flatMap((cut) => {
    const { rows, failsFrom } = result[cut]
    return rows >= failsFrom ? [`${counted(rows, 'distinct row')} above the ${cut} cut, fails from ${failsFrom}`] : []
  })
  const { rows, failsFrom } = result.withRepeats
  const share = `${counted(rows, 'row')} above the higher cut, repeated ones counted again, fails from ${failsFrom}`
  return rows >= failsFrom ? [...cuts, share] : cuts
}

/** The reasons of every category that failed. */
export function failuresOf(file: CheckedFile): { readonly category: Category; readonly reasons: readonly string[] }[] {
  if (!('evaluation' in file)) return []
  const { categories } = file.evaluation
  return CATEGORIES.filter((category) => categories[category].failed).map((category) => ({
    category,
    reasons: reasonsOf(categories[category]),
  }))
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
