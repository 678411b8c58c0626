import { adviceAsJson } from '../../data-advice/index.ts'
import type { RowsAboveCut } from '../../data-evaluation/index.ts'
import { byCategory } from '../../harm/index.ts'
import { assessmentAsJson } from '../assessment-as-json.ts'
import { provenanceAsJson } from '../provenance.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import type { CheckedFileJson, CheckReportJson } from './check-report-schema.ts'
import { summaryOf } from './remarks.ts'

/** For programs: one file is an object of its own; several stand in `files`, with the assessment of all in front. */
export function checkAsJson(report: CheckReport): string {
  return `${JSON.stringify(asJson(report), null, 2)}\n`
}

function asJson(report: CheckReport): CheckReportJson {
  const provenance = { ...provenanceAsJson(report), seed: null }
  const files = report.files.map(fileAsJson)
  const [only] = files
  if (only && files.length === 1) return { ...only, ...provenance }
  const passed = report.files.every((file) => file.outcome === 'passed')
  const failed = [...new Set(files.flatMap((file) => file.assessment.failed_categories))].sort()
  const count = report.files.filter((file) => file.outcome !== 'passed').length
  const message = passed ? 'All files passed.' : `${count} of ${files.length} files did not pass.`
  return { assessment: { passed, failed_categories: failed, message }, files, ...provenance }
}

function fileAsJson(file: CheckedFile): CheckedFileJson {
  const input = { file: file.path, sha256: file.sha256, bytes: file.bytes }
  if (file.outcome === 'invalid') {
    return {
      ...input,
      outcome: file.outcome,
      assessment: { passed: false, failed_categories: [], message: summaryOf(file) },
      rows: file.rows,
      faults: [...file.faults],
      fault_count: file.faultCount,
      findings: [],
    }
  }
  if (file.outcome === 'not_evaluated') {
    const { code, message, remedy } = file.error
    return {
      ...input,
      outcome: file.outcome,
      assessment: { passed: false, failed_categories: [], message: summaryOf(file) },
      error: { code, message, remedy: remedy ?? null },
      findings: [],
    }
  }
  const { assessment, rows, distinctRows, categories, notJudged, findings, findingsLeftOut, advice } = file.evaluation
  return {
    ...input,
    outcome: file.outcome,
    assessment: assessmentAsJson(assessment),
    rows,
    distinct_rows: distinctRows,
    not_judged: notJudged,
    categories: byCategory((category) => {
      const { lower, higher, withRepeats, failed } = categories[category]
      return {
        lower_cut: cutAsJson(lower),
        higher_cut: cutAsJson(higher),
        with_repeats: { rows: withRepeats.rows, fails_from: withRepeats.failsFrom },
        failed,
      }
    }),
    findings: [...findings],
    findings_left_out: findingsLeftOut,
    advice: advice.map(adviceAsJson),
  }
}

function cutAsJson({ score, falseAlarmRate, rows, failsFrom }: RowsAboveCut) {
  return { score, false_alarm_rate: falseAlarmRate, rows, fails_from: failsFrom }
}
