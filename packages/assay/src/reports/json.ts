import { type Assessment, assessmentMessage, assessmentPassed, failedCategories } from '../harm/index.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import { summaryOf } from './remarks.ts'

/** The assessment as every JSON of ours shows it. */
export function assessmentAsJson(assessment: Assessment) {
  return {
    passed: assessmentPassed(assessment),
    failed_categories: failedCategories(assessment),
    message: assessmentMessage(assessment),
  }
}

/** For programs: one file is an object of its own; several stand in `files`, with the assessment of all in front. */
export function checkAsJson(report: CheckReport): string {
  const { policy, judge } = report
  const files = report.files.map(fileAsJson)
  const [only] = files
  if (files.length === 1) return `${JSON.stringify({ ...only, policy, judge }, null, 2)}\n`
  const passed = report.files.every((file) => file.outcome === 'passed')
  const failed = [...new Set(files.flatMap((file) => file.assessment.failed_categories))].sort()
  const count = report.files.filter((file) => file.outcome !== 'passed').length
  const message = passed ? 'All files passed.' : `${count} of ${files.length} files did not pass.`
  return `${JSON.stringify({ assessment: { passed, failed_categories: failed, message }, files, policy, judge }, null, 2)}\n`
}

function fileAsJson(file: CheckedFile) {
  if (file.outcome === 'invalid') {
    const assessment = { passed: false, failed_categories: [], message: summaryOf(file) }
    return {
      file: file.path,
      assessment,
      rows: file.rows,
      faults: file.faults,
      fault_count: file.faultCount,
      findings: [],
    }
  }
  const { assessment, rows, notJudged, findings, findingsLeftOut } = file.evaluation
  return {
    file: file.path,
    assessment: assessmentAsJson(assessment),
    rows,
    not_judged: notJudged,
    findings,
    findings_left_out: findingsLeftOut,
  }
}
