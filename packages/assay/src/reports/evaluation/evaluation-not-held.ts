import { plainText } from '../../terminal/index.ts'
import { escapeMarkup } from '../markup/escape-markup.ts'
import { junit } from '../markup/junit.ts'
import { footer, page } from '../markup/page.ts'
import { sarif } from '../markup/sarif.ts'
import {
  drawsAsJson,
  type EvaluationGround,
  groundAsFacts,
  groundAsSuite,
  groundInBrief,
  groundOfRun,
  placeAsJson,
  placeOf,
} from './evaluation-report.ts'
import type { EvaluationNotHeldJson } from './evaluation-report-schema.ts'

/** An evaluation that did not come to its verdict: a fault of endpoint or evaluator, which says nothing about the model. */
export interface EvaluationNotHeld extends EvaluationGround {
  readonly error: {
    readonly code: string
    /** The code of what was at fault, where that is known. */
    readonly cause?: string
    readonly message: string
    readonly remedy: string | undefined
  }
}

/** Why, and what to do. */
function saidOf({ error: { message, remedy } }: EvaluationNotHeld): string {
  return remedy === undefined ? message : `${message} ${remedy}`
}

export function notHeldAsText(report: EvaluationNotHeld): string {
  const head = `NOT EVALUATED  ${plainText(report.model)} (${plainText(placeOf(report))})\n${plainText(saidOf(report))}`
  return `${head}\n\n${groundInBrief(report)}`
}

export function notHeldAsJson(report: EvaluationNotHeld): string {
  const { code, cause, message, remedy } = report.error
  const json: EvaluationNotHeldJson = {
    model: report.model,
    ...placeAsJson(report),
    outcome: 'not_evaluated',
    assessment: { passed: false, failed_categories: [], message: saidOf(report) },
    error: { code, cause: cause ?? null, message, remedy: remedy ?? null },
    ...drawsAsJson(report),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

export function notHeldAsJunit(report: EvaluationNotHeld): string {
  const problem = { kind: 'error' as const, message: saidOf(report), details: report.error.cause ?? report.error.code }
  return junit([
    {
      ...groundAsSuite(report, 'not_evaluated'),
      said: saidOf(report),
      cases: [{ name: 'model evaluation', problem }],
    },
  ])
}

export function notHeldAsSarif(report: EvaluationNotHeld): string {
  return sarif(report, {
    of: 'evaluate',
    rules: [],
    seconds: report.seconds,
    held: false,
    notifications: [
      {
        level: 'error',
        descriptor: { id: report.error.cause ?? report.error.code },
        message: { text: saidOf(report) },
      },
    ],
    rest: { results: [], properties: groundOfRun(report, 'not_evaluated') },
  })
}

export function notHeldAsHtml(report: EvaluationNotHeld): string {
  const section = [
    `<section aria-labelledby="model"><h2 id="model">${escapeMarkup(report.model)}</h2>`,
    `<p class="failed"><strong>NOT EVALUATED</strong>: ${escapeMarkup(saidOf(report))}</p>`,
    `<p class="faint">${escapeMarkup(placeOf(report))}</p>`,
    '</section>',
  ].join('\n')
  return page(
    'Model evaluation: not held',
    [section],
    footer('To hold this evaluation', groundAsFacts(report), 'It has no verdict.'),
  )
}
