import type { CheckReport } from './check/check-report.ts'
import { checkAsHtml } from './check/html.ts'
import { checkAsJson } from './check/json.ts'
import { checkAsJunit } from './check/junit.ts'
import { checkAsSarif } from './check/sarif.ts'
import { checkAsText } from './check/text.ts'

export { assessmentAsJson } from './assessment-as-json.ts'
export type { CheckedFile, CheckReport, InputFile } from './check/check-report.ts'
export { checkReportJsonSchema, checkReportSchema } from './check/check-report-schema.ts'
export { checkInBrief } from './check/text.ts'

export const FORMATS = ['text', 'json', 'junit', 'sarif', 'html'] as const
export type Format = (typeof FORMATS)[number]

/**
 * A check in one of the formats.
 *
 * @param texts messages by `path:line:message`, for the caller's own terminal; only the text format shows them
 */
export function formatCheck(report: CheckReport, format: Format, texts?: ReadonlyMap<string, string>): string {
  switch (format) {
    case 'text':
      return checkAsText(report, texts)
    case 'json':
      return checkAsJson(report)
    case 'junit':
      return checkAsJunit(report)
    case 'sarif':
      return checkAsSarif(report)
    case 'html':
      return checkAsHtml(report)
  }
}
