export { BUILT_IN_JUDGE, type BuiltInJudgeFiles, loadBuiltInJudge } from './built-in/built-in-judge.ts'
export type { DataCut, JudgeCalibration, Proportion, ReplyCalibration } from './calibration.ts'
export type { Judge, JudgeInput, Judgement } from './judge.ts'
