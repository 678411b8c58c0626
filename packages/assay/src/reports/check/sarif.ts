import { pathToFileURL } from 'node:url'
import { ADVICE_KINDS, ADVICE_TEXTS } from '../../data-advice/index.ts'
import { isCategory } from '../../harm/index.ts'
import { sarif } from '../markup/sarif.ts'
import type { CheckedFile, CheckReport, Remark } from './check-report.ts'
import { adviceInWords, adviceOf, leftOut, remarksOf, summaryOf } from './remarks.ts'

const TITLES = {
  violence: 'Violence',
  sexual: 'Sexual content',
  hate_fairness: 'Hate and unfairness',
  self_harm: 'Self-harm',
} as const

/**
 * For code review: a result a line (SARIF 2.1.0, OASIS). A finding in a category that failed is an error, any other a
 * note: it is shown, and blocks nothing. So is each advice, at the first line that it rests on.
 */
export function checkAsSarif(report: CheckReport): string {
  const remarks = report.files.flatMap((file, index) =>
    [...remarksOf(file), ...adviceRemarks(file)].map((remark) => ({ file, index, remark })),
  )
  const rules = [...new Set(remarks.map(({ remark }) => remark.rule))].sort()
  const results = remarks.map(({ file, index, remark }) => ({
    ruleId: remark.rule,
    ruleIndex: rules.indexOf(remark.rule),
    level: remark.counts ? 'error' : 'note',
    message: { text: remark.text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file.path), index },
          region: { startLine: Math.max(1, remark.line) },
        },
      },
    ],
  }))
  return sarif(report, {
    of: 'check',
    rules: rules.map(ruleOf),
    seconds: report.files.reduce((sum, file) => sum + file.seconds, 0),
    held: report.files.every((file) => file.outcome !== 'not_evaluated'),
    notifications: report.files.flatMap(notificationsOf),
    rest: {
      artifacts: report.files.map((file) => ({
        location: { uri: uriOf(file.path) },
        length: file.bytes,
        hashes: { 'sha-256': file.sha256 },
        roles: ['analysisTarget'],
      })),
      results,
      columnKind: 'utf16CodeUnits',
      properties: {
        passed: report.files.every((file) => file.outcome === 'passed'),
        outcomes: report.files.map((file) => file.outcome),
        seed: null,
      },
    },
  })
}

function adviceRemarks(file: CheckedFile): Remark[] {
  return adviceOf(file).map((advice) => {
    const { found, known, remedy } = adviceInWords(advice)
    return {
      line: advice.messages[0]?.line ?? 0,
      rule: advice.kind,
      text: `${found}. ${known} ${remedy}`,
      counts: false,
    }
  })
}

function ruleOf(id: string) {
  const advice = ADVICE_KINDS.find((kind) => kind === id)
  if (advice) {
    const { title, known, source, remedy } = ADVICE_TEXTS[advice]
    return {
      id,
      name: id,
      shortDescription: { text: title },
      fullDescription: { text: `${known} (${source}) Advice blocks nothing.` },
      help: { text: remedy },
      defaultConfiguration: { level: 'note' },
    }
  }
  if (!isCategory(id)) {
    const text = `The line cannot be read as training data (${id.replaceAll('_', ' ')}).`
    return { id, name: id, shortDescription: { text }, defaultConfiguration: { level: 'error' } }
  }
  return {
    id,
    name: id,
    shortDescription: { text: `${TITLES[id]} in what a model would learn` },
    fullDescription: {
      text: `The judge scores this message above a cut for ${id}. A file fails when more distinct rows lie above a cut than the judge's measured false alarms explain.`,
    },
    help: { text: 'Read the row; remove it or write it anew where it is harmful. One odd row blocks nobody.' },
    defaultConfiguration: { level: 'note' },
  }
}

function notificationsOf(file: CheckedFile, index: number) {
  const texts = [summaryOf(file), ...leftOut(file)]
  // A notification that is an error would say that the check itself went wrong (SARIF 2.1.0, section 3.20.21).
  return texts.map((text) => ({
    level: file.outcome === 'not_evaluated' ? 'error' : 'note',
    message: { text },
    locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file.path), index } } }],
  }))
}

/** Of a relative path, one that is read from the root of the repository. */
function uriOf(path: string): string {
  if (path.startsWith('/')) return pathToFileURL(path).href
  return path.split('/').map(encodeURIComponent).join('/')
}
