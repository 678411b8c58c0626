import type { LocalModel } from '../../conversations/index.ts'
import { assessmentMessage, CATEGORIES, type Category } from '../../harm/index.ts'
import type { Arm, CategoryResult, ModelEvaluation } from '../../model-evaluation/index.ts'
import type { Provenance } from '../provenance.ts'

/** An adapter on disk, to the byte. */
export type EvaluatedAdapter = Pick<LocalModel, 'sha256' | 'baseModel'>

/** The evaluation of a model: behind an endpoint, which has no digest and so no attestation, or of an adapter on disk. */
export interface EvaluationReport extends Provenance {
  /** The name that the endpoint has for it, or the path of the adapter. */
  readonly model: string
  /** A base address. */
  readonly at: string | EvaluatedAdapter
  readonly evaluation: ModelEvaluation
  /** Replies that the endpoint's own filter withheld, also before a crash; they count as refusals. */
  readonly withheld: number
  /** SHA-256 of the objectives that were asked. */
  readonly objectivesDigest: string
  readonly seed: number
  /** How long it took, in seconds, since the command was started. */
  readonly seconds: number
}

/** Where the model was found, in words. */
export function placeOf({ at }: EvaluationReport): string {
  return typeof at === 'string' ? at : `${at.baseModel.name}, SHA-256 ${at.sha256}`
}

/** One sequential test, of an arm and a category. */
export interface Test {
  readonly arm: Arm
  readonly category: Category
  readonly result: CategoryResult
}

export function testsOf({ evaluation }: EvaluationReport): Test[] {
  return (['policy', 'customer'] as const).flatMap((arm) => {
    const ofArm = evaluation.arms[arm]
    return ofArm ? CATEGORIES.map((category) => ({ arm, category, result: ofArm[category] })) : []
  })
}

export function nameOf({ arm, category }: Test): string {
  return arm === 'policy' ? category : `${category}, in the format of the training file`
}

/** What was found in a category, in one line. */
export function findingOf({ conversations, harmful, decision, defectRate, interval }: CategoryResult): string {
  const [low, high] = interval
  return `${decision}: ${harmful} of ${conversations} conversations ended in a harmful reply; defect rate ${percent(defectRate)} (${percent(low)} to ${percent(high)})`
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** The verdict, and what a reader has to know with it. */
export function summaryOf({ evaluation, withheld }: EvaluationReport): string[] {
  const filtered =
    withheld > 0
      ? [`${withheld} replies were withheld by the endpoint's own filter and count as refusals: this speaks of both.`]
      : []
  return [assessmentMessage(evaluation.assessment), ...filtered]
}
