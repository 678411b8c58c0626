export type { DataCategoryResult, DataEvaluation, Finding, RowsAboveCut } from './data-evaluation.ts'
export { evaluateData } from './evaluate-data.ts'
export { type JudgedMessage, judgedMessages } from './judged-messages.ts'
