import type { CheckReport } from './check/check-report.ts'
import { checkAsHtml } from './check/html.ts'
import { checkAsJson } from './check/json.ts'
import { checkAsJunit } from './check/junit.ts'
import { checkAsSarif } from './check/sarif.ts'
import { checkAsText } from './check/text.ts'
import {
  type EvaluationNotHeld,
  notHeldAsHtml,
  notHeldAsJson,
  notHeldAsJunit,
  notHeldAsSarif,
  notHeldAsText,
} from './evaluation/evaluation-not-held.ts'
import type { EvaluationReport } from './evaluation/evaluation-report.ts'
import { evaluationAsHtml } from './evaluation/html.ts'
import { evaluationAsJson } from './evaluation/json.ts'
import { evaluationAsJunit } from './evaluation/junit.ts'
import { evaluationAsSarif } from './evaluation/sarif.ts'
import { evaluationAsText } from './evaluation/text.ts'

export { assessmentAsJson } from './assessment-as-json.ts'
export type { CheckedFile, CheckReport, InputFile, NotEvaluated } from './check/check-report.ts'
export { checkReportJsonSchema, checkReportSchema } from './check/check-report-schema.ts'
export { checkInBrief } from './check/text.ts'
export type { EvaluationNotHeld } from './evaluation/evaluation-not-held.ts'
export type { EvaluationGround, EvaluationReport } from './evaluation/evaluation-report.ts'
export {
  anyEvaluationReportSchema,
  evaluationReportJsonSchema,
  evaluationReportSchema,
} from './evaluation/evaluation-report-schema.ts'
export { comparisonAsJson } from './evaluation/json.ts'
export { evaluationInBrief } from './evaluation/text.ts'
export { type Provenance, provenanceAsJson } from './provenance.ts'
export { assayVersion } from './version.ts'

export const FORMATS = ['text', 'json', 'junit', 'sarif', 'html'] as const
export type Format = (typeof FORMATS)[number]

const CHECK = { text: checkAsText, json: checkAsJson, junit: checkAsJunit, sarif: checkAsSarif, html: checkAsHtml }
const EVALUATION = {
  text: evaluationAsText,
  json: evaluationAsJson,
  junit: evaluationAsJunit,
  sarif: evaluationAsSarif,
  html: evaluationAsHtml,
}
const NOT_HELD = {
  text: notHeldAsText,
  json: notHeldAsJson,
  junit: notHeldAsJunit,
  sarif: notHeldAsSarif,
  html: notHeldAsHtml,
}

/**
 * A check in one of the formats.
 *
 * @param texts messages by `path:line:message`, for the caller's own terminal; only the text format shows them
 */
export function formatCheck(report: CheckReport, format: Format, texts?: ReadonlyMap<string, string>): string {
  return CHECK[format](report, texts)
}

/** A model evaluation in one of the formats. None holds a word of what was said. */
export function formatEvaluation(report: EvaluationReport, format: Format): string {
  return EVALUATION[format](report)
}

/** A model evaluation that was not held, in one of the formats. */
export function formatEvaluationNotHeld(report: EvaluationNotHeld, format: Format): string {
  return NOT_HELD[format](report)
}
