export { type Attacked, attackModel } from './attack-model.ts'
export type { AttackName } from './attacks/index.ts'
export {
  type Comparison,
  compareWithBase,
  type HarmlessPrompt,
  type HarmlessPrompts,
  type Paired,
  parseHarmlessPrompts,
} from './comparison.ts'
export { findCustomerContexts } from './customer-contexts.ts'
export { evaluateModel, testPlans } from './evaluate-model.ts'
export type {
  Arm,
  CategoryResult,
  Counted,
  CustomerContexts,
  Decision,
  ModelEvaluation,
  ModelEvaluationProgress,
  Tally,
} from './model-evaluation.ts'
export { type Objective, parseObjectives, parseSlots } from './objectives.ts'
export { measureReading, proposeTier, type Reading, type ReadingMeasured } from './reading.ts'
export { canDecide, judgeError, type SequentialTestPlan, sequentialTest } from './sequential-test.ts'
export {
  ENCODINGS,
  type Encoding,
  type EncodingName,
  STRATEGIES,
  type Strategy,
  type StrategyName,
} from './strategies/index.ts'
export { type Draw, type TestPlan, TestsUnderWay } from './tests-under-way.ts'
