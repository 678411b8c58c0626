import { expect, test } from 'vitest'
import { type CheckReport, FORMATS, formatCheck } from './index.ts'

const report: CheckReport = {
  policy: { version: '1', digest: 'a'.repeat(64) },
  judge: { name: 'judge', digest: 'b'.repeat(64) },
  files: [
    {
      path: 'bad <&>".jsonl',
      outcome: 'failed',
      evaluation: {
        assessment: { outcome: 'failed', subject: 'data', failedCategories: ['violence', 'hate_fairness'] },
        rows: 12,
        notJudged: 0,
        findings: [{ line: 3, message: 1, category: 'violence', severity: 7, probability: 0.987 }],
        findingsLeftOut: 0,
      },
    },
    {
      path: 'broken.jsonl',
      outcome: 'invalid',
      rows: 11,
      faults: [{ line: 4, path: 'messages[0].role', code: 'invalid_role', reason: 'Must be a role.' }],
      faultCount: 1,
    },
  ],
}

const one = (index: number): CheckReport => ({ ...report, files: report.files.slice(index, index + 1) })

test('JSON of one file is the contract: assessment, policy, judge, rows, findings', () => {
  const json = JSON.parse(formatCheck(one(0), 'json'))
  expect(json).toMatchObject({
    assessment: {
      passed: false,
      failed_categories: ['violence', 'hate_fairness'],
      message:
        'The provided training data failed RAI checks for harm types: [hate_fairness, violence]. Please fix the data and try again.',
    },
    policy: { version: '1' },
    judge: { name: 'judge' },
    rows: 12,
    findings: [{ line: 3, message: 1, category: 'violence', severity: 7, probability: 0.987 }],
  })
})

test('JSON of several files holds each, and one assessment of all', () => {
  const json = JSON.parse(formatCheck(report, 'json'))
  expect(json.assessment).toMatchObject({ passed: false, failed_categories: ['hate_fairness', 'violence'] })
  expect(json.files.map((file: { file: string }) => file.file)).toEqual(['bad <&>".jsonl', 'broken.jsonl'])
})

test('every format names the line, and markup is escaped', () => {
  for (const format of FORMATS) {
    const text = formatCheck(report, format)
    expect(text).toMatch(/line 4|"line": 4/)
    if (format === 'html' || format === 'junit') expect(text).toContain('bad &lt;&amp;&gt;&quot;.jsonl')
  }
})

test('SARIF points to the line with a rule that it declares', () => {
  const [run] = JSON.parse(formatCheck(report, 'sarif')).runs
  expect(run.results[0].locations[0].physicalLocation.region.startLine).toBe(3)
  const rules = run.tool.driver.rules.map((rule: { id: string }) => rule.id)
  expect(rules).toEqual(expect.arrayContaining(run.results.map((result: { ruleId: string }) => result.ruleId)))
})

test('JUnit tells a failed file from one that could not be read', () => {
  const xml = formatCheck(report, 'junit')
  expect(xml).toContain('tests="2" failures="1" errors="1"')
})

test('texts are shown only where they are handed in, and only in the text format', () => {
  const texts = new Map([['bad <&>".jsonl:3:1', 'canary-4471']])
  expect(formatCheck(one(0), 'text', texts)).toContain('canary-4471')
  for (const format of FORMATS.filter((name) => name !== 'text')) {
    expect(formatCheck(one(0), format, texts)).not.toContain('canary-4471')
  }
})
