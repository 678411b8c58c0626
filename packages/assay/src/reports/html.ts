import type { CheckReport } from './check-report.ts'
import { escapeMarkup } from './escape-markup.ts'
import { remarksOf, summaryOf } from './remarks.ts'

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}' +
  '.passed{color:#176b2c}.failed,.invalid{color:#a11313}li{font-variant-numeric:tabular-nums}'

/** One page that needs nothing else, to hand to somebody. */
export function checkAsHtml(report: CheckReport): string {
  const files = report.files.map((file) => {
    const remarks = remarksOf(file).map((remark) => `<li>${escapeMarkup(remark.text)}</li>`)
    const list = remarks.length > 0 ? `<ul>${remarks.join('')}</ul>` : ''
    return `<section><h2>${escapeMarkup(file.path)}</h2><p class="${file.outcome}"><strong>${file.outcome}</strong>: ${escapeMarkup(summaryOf(file))}</p>${list}</section>`
  })
  const { judge, policy } = report
  const foot = `<p>Judge ${escapeMarkup(judge.name)}, policy ${escapeMarkup(policy.version)} (${policy.digest})</p>`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Data evaluation</title><style>${STYLE}</style><h1>Data evaluation</h1>${files.join('')}${foot}</html>\n`
}
