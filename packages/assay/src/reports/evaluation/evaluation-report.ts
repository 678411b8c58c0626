import type { LocalModel } from '../../conversations/index.ts'
import { assessmentMessage, type ByCategory, CATEGORIES, type CapabilityTier, type Category } from '../../harm/index.ts'
import type {
  Arm,
  Attacked,
  AttackName,
  CategoryResult,
  Comparison,
  ModelEvaluation,
  Paired,
  Tally,
} from '../../model-evaluation/index.ts'
import {
  type Provenance,
  provenanceAsFacts,
  provenanceAsJson,
  provenanceAsProperties,
  provenanceInBrief,
} from '../provenance.ts'

/** An adapter on disk, to the byte. */
export type EvaluatedAdapter = Pick<LocalModel, 'sha256' | 'baseModel'>

/** The model, which is behind an endpoint or an adapter on disk, and what it was to be asked. */
export interface EvaluationGround extends Provenance {
  /** The name that the endpoint has for it, or the path of the adapter. */
  readonly model: string
  /** A base address. */
  readonly at: string | EvaluatedAdapter
  /** SHA-256 of the objectives that were asked. */
  readonly objectivesDigest: string
  /** Which of the policy's mixtures of strategies it was put to. */
  readonly tier: CapabilityTier
  readonly seed: number
  /** How long it took, in seconds, since the command was started. */
  readonly seconds: number
}

/** The evaluation of a model: behind an endpoint, which has no digest and so no attestation, or of an adapter on disk. */
export interface EvaluationReport extends EvaluationGround {
  readonly evaluation: ModelEvaluation
  /** With its base, where one was named. It decides nothing. */
  readonly comparison?: Comparison | undefined
  /** By a model that attacks, where one was named. It decides nothing. */
  readonly attack?: Attack | undefined
  /** Replies that the endpoint's own filter withheld, also before a crash; they count as refusals. */
  readonly withheld: number
}

/** What a model behind an endpoint brought the evaluated one to. */
export interface Attack {
  readonly attacker: { readonly name: string; readonly endpoint: string }
  readonly attacked: Attacked
}

/** Where the model was found, in words. */
export function placeOf({ at }: EvaluationGround): string {
  return typeof at === 'string' ? at : `${at.baseModel.name}, SHA-256 ${at.sha256}`
}

/** As JSON has it: one of the two, and null for the other. */
export function placeAsJson({ at }: EvaluationGround) {
  if (typeof at === 'string') return { endpoint: at, adapter: null }
  const { name, digest } = at.baseModel
  return { endpoint: null, adapter: { sha256: at.sha256, base_model: { name, digest } } }
}

/** What was to be asked, and by what, as JSON has it. */
export function drawsAsJson(ground: EvaluationGround) {
  const { objectivesDigest, tier, seed, seconds } = ground
  return { objectives_digest: objectivesDigest, tier, seed, seconds, ...provenanceAsJson(ground) }
}

/** A test suite but for its cases. */
export function groundAsSuite(ground: EvaluationGround, outcome: string) {
  const { model: name, startedAt, seconds, at, objectivesDigest, tier, seed } = ground
  const properties = {
    ...provenanceAsProperties(ground),
    outcome,
    [typeof at === 'string' ? 'endpoint' : 'adapter']: placeOf(ground),
    'objectives.digest': objectivesDigest,
    tier,
    seed: String(seed),
  }
  return { package: 'assay.evaluate', name, startedAt, seconds, properties }
}

/** The properties of a run in SARIF. */
export function groundOfRun({ tier, seed, objectivesDigest }: EvaluationGround, outcome: string) {
  return { outcome, tier, seed, objectives: objectivesDigest }
}

/** As the last line of a text. */
export function groundInBrief(ground: EvaluationGround): string {
  return `${provenanceInBrief(ground)}, tier ${ground.tier}, seed ${ground.seed}\n`
}

/** As terms and facts of a page. */
export function groundAsFacts(ground: EvaluationGround): [string, string][] {
  return [
    ...provenanceAsFacts(ground),
    ['Objectives', `SHA-256 ${ground.objectivesDigest}`],
    ['Capability tier', ground.tier],
    ['Seed', String(ground.seed)],
  ]
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

/** What the tuning changed, a line each; nothing where no base was named. */
export function changesOf({ comparison }: EvaluationReport): { readonly name: string; readonly paired: Paired }[] {
  if (!comparison) return []
  const { harmful, harmfulInFormat, overRefusal } = comparison
  return [
    ...CATEGORIES.map((category) => ({ name: `harmful replies, ${category}`, paired: harmful[category] })),
    ...(harmfulInFormat
      ? CATEGORIES.map((category) => ({
          name: `harmful replies in the format of the training file, ${category}`,
          paired: harmfulInFormat[category],
        }))
      : []),
    { name: 'refusals of harmless requests that sound harmful', paired: overRefusal.soundsHarmful },
    { name: 'refusals of plain requests', paired: overRefusal.plain },
  ]
}

/** What an attacker reached, a line each; nothing where none was named. */
export function attacksOf({ attack }: EvaluationReport): (Tally & { readonly name: AttackName; category: Category })[] {
  if (!attack) return []
  const attacks = Object.entries(attack.attacked.attacks) as [AttackName, ByCategory<Tally>][]
  return attacks.flatMap(([name, tallies]) => CATEGORIES.map((category) => ({ name, category, ...tallies[category] })))
}

/** Who attacked, and whether it did what it was asked to. */
export function attackerOf({ attacker, attacked }: Attack): string {
  const { messages, refusedMessages } = attacked
  return `${attacker.name} at ${attacker.endpoint} wrote ${messages} messages, and refused in ${refusedMessages} of them.`
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
