export { decodeUtf8, parseJson } from './json-text.ts'
export { type Line, readLines } from './read-lines.ts'
export { MAX_LINE_BYTES, readTrainingFile, type TrainingLine } from './read-training-file.ts'
export {
  asPlainMessage,
  type Fault,
  formatOf,
  type ToolCall,
  type TrainingFormat,
  type TrainingMessage,
  type TrainingRow,
} from './training-row.ts'
export {
  faultsText,
  faultText,
  MAX_FILE_BYTES,
  MIN_ROWS,
  type Validation,
  validateTrainingFile,
} from './validate-training-file.ts'
