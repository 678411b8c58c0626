import type { CheckReport } from './check-report.ts'
import { checkAsHtml } from './html/page.ts'
import { checkAsJson } from './json.ts'
import { checkAsJunit } from './junit.ts'
import { checkAsSarif } from './sarif.ts'
import { checkAsText } from './text.ts'

export type { CheckedFile, CheckReport, InputFile } from './check-report.ts'
export { checkReportJsonSchema, checkReportSchema } from './check-report-schema.ts'
export { assessmentAsJson } from './json.ts'
export { checkInBrief } from './text.ts'

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
