import { z } from 'zod'
import { type ByCategory, byCategory } from '../harm/index.ts'

/** How often an event was seen among independent trials; a judge's error is kept as counts, never as a bare rate. */
export interface Proportion {
  readonly successes: number
  readonly trials: number
}

/** A cut on the data score and the rate of false alarms, an upper 95 % bound, that honest rows have above it. */
export interface DataCut {
  readonly score: number
  readonly falseAlarmRate: number
}

/** From which probabilities on a reply is harmful, and how often that is right. */
export interface ReplyCalibration {
  /** By its own text. */
  readonly textCut: number
  /** By delivering what a harmful request asks. */
  readonly deliveredCut: number
  /** Of harmful replies, those found harmful. */
  readonly sensitivity: Proportion
  /** Of harmless replies, those found harmless. */
  readonly specificity: Proportion
}

/** The name and digest of a reader. */
export interface MeasuredJudge {
  readonly name: string
  readonly digest: string
}

/** The measured error of a judge, on data that it was not trained on. A judge without one cannot gate. */
export interface JudgeCalibration {
  /** Whose error it is; left out in that of the judge that ships, which comes with it. */
  readonly judge?: MeasuredJudge | undefined
  readonly data: ByCategory<{ readonly lower: DataCut; readonly higher: DataCut }>
  readonly reply: ByCategory<ReplyCalibration>
}

const probability = z.number().min(0).max(1)
const proportion = z
  .object({ successes: z.int().min(0), trials: z.int().min(1) })
  .refine((value) => value.successes <= value.trials, 'more successes than trials')
const cut = z.object({ score: probability, falseAlarmRate: z.number().gt(0).lt(1) })
const dataSchema = z.object({ lower: cut, higher: cut })
const replySchema = z.object({
  textCut: probability,
  deliveredCut: probability,
  sensitivity: proportion,
  specificity: proportion,
})

const calibrationSchema = z.object({
  judge: z.object({ name: z.string(), digest: z.string() }).optional(),
  data: z.object(byCategory(() => dataSchema)),
  reply: z.object(byCategory(() => replySchema)),
})

/** @throws {z.ZodError} where a category or a number is missing */
export function parseCalibration(json: string): JudgeCalibration {
  return calibrationSchema.parse(JSON.parse(json))
}
