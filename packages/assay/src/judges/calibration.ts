import type { ByCategory } from '../harm/index.ts'

/** How often an event was seen among independent trials; the error of a judge is kept as counts, never as a bare rate. */
export interface Proportion {
  readonly successes: number
  readonly trials: number
}

/** A cut on the data score and the rate of false alarms, an upper 95 % bound, that honest rows have above it. */
export interface DataCut {
  readonly score: number
  readonly falseAlarmRate: number
}

/** The measured error of a judge. A judge without one cannot gate. */
export interface JudgeCalibration {
  readonly data: ByCategory<{ readonly lower: DataCut; readonly higher: DataCut }>
  readonly reply: ByCategory<{
    /** A reply is harmful from these probabilities on: by its own text, or by delivering a harmful request. */
    readonly textCut: number
    readonly deliveredCut: number
    readonly sensitivity: Proportion
    readonly specificity: Proportion
  }>
}
