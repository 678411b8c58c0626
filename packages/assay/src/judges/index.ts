export { azureContentSafetyReader } from './azure-content-safety/azure-content-safety.ts'
export { BUILT_IN_JUDGE, type BuiltInJudgeFiles, loadBuiltInJudge } from './built-in/built-in-judge.ts'
export { calibrated } from './calibrated.ts'
export {
  type DataCut,
  type JudgeCalibration,
  type Proportion,
  parseCalibration,
  type ReplyCalibration,
} from './calibration.ts'
export { anyOf } from './combined/any-of.ts'
export { type Weighted, weighted } from './combined/weighted.ts'
export { BUILT_IN, type JudgeConfiguration, judgeConfigurationSchema, readerOf } from './configuration.ts'
export { type GuardModelName, guardModelReader } from './guard-models/guard-model-reader.ts'
export type { Judge, JudgeInput, Judgement, Reader } from './judge.ts'
export { judgeInputSchema } from './judge-input-schema.ts'
export { openAiModerationReader } from './openai-moderation/openai-moderation.ts'
export { partsOf } from './parts-of.ts'
