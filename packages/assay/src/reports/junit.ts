import { CATEGORIES } from '../harm/index.ts'
import type { CheckedFile, CheckReport } from './check-report.ts'
import { commandLine } from './command-line.ts'
import { escapeMarkup } from './escape-markup.ts'
import { leftOut, reasonsOf, remarksOf, summaryOf } from './remarks.ts'

const VALID = 'valid training data'

interface TestCase {
  readonly name: string
  readonly problem?: { readonly kind: 'failure' | 'error'; readonly message: string; readonly details: string }
}

/**
 * A test suite a file, and in it a test case a category, as CI systems read it. There is no standard: this keeps the
 * strictest of the published schemas, Apache Ant's as written down by Windy Road (github.com/windyroad/JUnit-Schema).
 */
export function checkAsJunit(report: CheckReport): string {
  const suites = report.files.map((file, index) => suiteOf(file, index, report))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}

function suiteOf(file: CheckedFile, index: number, report: CheckReport): string {
  const cases = casesOf(file)
  const count = (kind: string) => cases.filter(({ problem }) => problem?.kind === kind).length
  const timestamp = report.startedAt.toISOString().slice(0, 19)
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`
  return [
    `  <testsuite id="${index}" package="assay.check" ${attribute('name', file.path)} timestamp="${timestamp}" hostname="localhost" ${totals} time="${file.seconds.toFixed(3)}">`,
    '    <properties>',
    ...Object.entries(propertiesOf(file, report)).map(
      ([name, value]) => `      <property name="${name}" ${attribute('value', value)}/>`,
    ),
    '    </properties>',
    // One pass judges all categories: its time stands at the first case, so that they add up.
    ...cases.map((each, place) => caseOf(each, file.path, place === 0 ? file.seconds : 0)),
    `    <system-out>${escapeMarkup([summaryOf(file), ...leftOut(file)].join(' '))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ].join('\n')
}

function casesOf(file: CheckedFile): TestCase[] {
  const remarks = remarksOf(file)
  if (file.outcome === 'invalid') {
    const details = remarks.map((remark) => remark.text).join('\n')
    return [{ name: VALID, problem: { kind: 'error', message: summaryOf(file), details } }]
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

function caseOf({ name, problem }: TestCase, path: string, seconds: number): string {
  const opening = `    <testcase name="${name}" ${attribute('classname', path)} time="${seconds.toFixed(3)}"`
  if (!problem) return `${opening}/>`
  const { kind, message, details } = problem
  return `${opening}>\n      <${kind} type="${name}" ${attribute('message', message)}>${escapeMarkup(details)}</${kind}>\n    </testcase>`
}

function propertiesOf(file: CheckedFile, { policy, judge, versions, command }: CheckReport): Record<string, string> {
  return {
    policy: policy.version,
    'policy.digest': policy.digest,
    judge: judge.name,
    'judge.digest': judge.digest,
    'assay.version': versions.assay,
    'node.version': versions.node,
    'file.sha256': file.sha256,
    seed: 'none: nothing is drawn at random',
    command: commandLine(command),
  }
}

function attribute(name: string, value: string): string {
  // A line break in an attribute would be read as a blank (XML 1.0, section 3.3.3).
  return `${name}="${escapeMarkup(value).replace(/\n/g, '&#10;')}"`
}
