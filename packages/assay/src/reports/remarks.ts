import { assessmentMessage } from '../harm/index.ts'
import { faultText } from '../training-data/index.ts'
import type { CheckedFile, Remark } from './check-report.ts'

/** Faults and findings of a file, in its order. */
export function remarksOf(file: CheckedFile): Remark[] {
  if (file.outcome === 'invalid') {
    return file.faults.map((fault) => ({ line: fault.line, rule: fault.code, text: faultText(fault) }))
  }
  return file.evaluation.findings.map((finding) => ({
    line: finding.line,
    rule: finding.category,
    text: `line ${finding.line}, message ${finding.message}: ${finding.category}, severity ${finding.severity}, probability ${finding.probability.toFixed(3)}`,
  }))
}

/** What there is to say of a file in one sentence. */
export function summaryOf(file: CheckedFile): string {
  if (file.outcome === 'invalid') {
    return `The file is not valid training data: ${file.faultCount} ${file.faultCount === 1 ? 'fault' : 'faults'}.`
  }
  const { assessment, rows, notJudged } = file.evaluation
  const message = assessmentMessage(assessment)
  return notJudged === 0
    ? message
    : `${message} ${notJudged} of ${rows} rows were not judged: the judge does not read their language.`
}
