import { CATEGORIES } from '../../harm/index.ts'
import { junit, type TestCase } from '../markup/junit.ts'
import { provenanceAsProperties } from '../provenance.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import { ADVICE_TITLE, adviceInWords, adviceOf, leftOut, reasonsOf, remarksOf, summaryOf } from './remarks.ts'

const VALID = 'valid training data'

/** A test suite a file, and in it a test case a category. */
export function checkAsJunit(report: CheckReport): string {
  return junit(
    report.files.map((file) => ({
      package: 'assay.check',
      name: file.path,
      startedAt: report.startedAt,
      seconds: file.seconds,
      properties: {
        ...provenanceAsProperties(report),
        'file.sha256': file.sha256,
        seed: 'none: nothing is drawn at random',
      },
      said: [[summaryOf(file), ...leftOut(file)].join(' '), ...advice(file)].join('\n'),
      cases: casesOf(file),
    })),
  )
}

function casesOf(file: CheckedFile): TestCase[] {
  const remarks = remarksOf(file)
  if (file.outcome === 'invalid') {
    const details = remarks.map((remark) => remark.text).join('\n')
    return [{ name: VALID, problem: { kind: 'error', message: summaryOf(file), details } }]
  }
  if (file.outcome === 'not_evaluated') {
    const { code, message } = file.error
    return [{ name: VALID }, { name: 'data evaluation', problem: { kind: 'error', message, details: code } }]
  }
  const { categories } = file.evaluation
  const ofCategories = CATEGORIES.map((name): TestCase => {
    if (!categories[name].failed) return { name }
    const lines = remarks.filter((remark) => remark.rule === name).map((remark) => remark.text)
    const message = reasonsOf(categories[name]).join('; ')
    return { name, problem: { kind: 'failure', message, details: lines.join('\n') } }
  })
  return [{ name: VALID }, ...ofCategories]
}

function advice(file: CheckedFile): string[] {
  return adviceOf(file).map((each) => {
    const { found, known, remedy } = adviceInWords(each)
    return `${ADVICE_TITLE}. ${found}. ${known} ${remedy}`
  })
}
