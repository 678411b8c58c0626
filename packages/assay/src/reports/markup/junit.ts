import { escapeMarkup } from './escape-markup.ts'

export interface TestSuite {
  readonly package: string
  readonly name: string
  readonly startedAt: Date
  readonly seconds: number
  readonly properties: Readonly<Record<string, string>>
  /** `system-out`. */
  readonly said: string
  readonly cases: readonly TestCase[]
}

export interface TestCase {
  readonly name: string
  readonly problem?: { readonly kind: 'failure' | 'error'; readonly message: string; readonly details: string }
}

/**
 * JUnit XML as CI systems read it. There is no standard: this keeps the strictest of the published schemas, Apache Ant's
 * as written down by Windy Road (github.com/windyroad/JUnit-Schema).
 */
export function junit(suites: readonly TestSuite[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.map(suiteOf).join('\n')}\n</testsuites>\n`
}

function suiteOf(suite: TestSuite, index: number): string {
  const { cases, name, seconds } = suite
  const count = (kind: string) => cases.filter(({ problem }) => problem?.kind === kind).length
  const timestamp = suite.startedAt.toISOString().slice(0, 19)
  const totals = `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}"`
  return [
    `  <testsuite id="${index}" package="${suite.package}" ${attribute('name', name)} timestamp="${timestamp}" hostname="localhost" ${totals} time="${seconds.toFixed(3)}">`,
    '    <properties>',
    ...Object.entries(suite.properties).map(
      ([property, value]) => `      <property name="${property}" ${attribute('value', value)}/>`,
    ),
    '    </properties>',
    // One pass judges all categories: its time stands at the first case, so that they add up.
    ...cases.map((each, place) => caseOf(each, name, place === 0 ? seconds : 0)),
    `    <system-out>${escapeMarkup(suite.said)}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
  ].join('\n')
}

function caseOf({ name, problem }: TestCase, suite: string, seconds: number): string {
  const opening = `    <testcase name="${name}" ${attribute('classname', suite)} time="${seconds.toFixed(3)}"`
  if (!problem) return `${opening}/>`
  const { kind, message, details } = problem
  return `${opening}>\n      <${kind} type="${name}" ${attribute('message', message)}>${escapeMarkup(details)}</${kind}>\n    </testcase>`
}

function attribute(name: string, value: string): string {
  // A line break in an attribute would be read as a blank (XML 1.0, section 3.3.3).
  return `${name}="${escapeMarkup(value).replace(/\n/g, '&#10;')}"`
}
