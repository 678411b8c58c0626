import type { Message } from '../conversations/index.ts'
import type { ByCategory, Severity } from '../harm/index.ts'
import type { JudgeCalibration } from './calibration.ts'

/** A bare text, or a conversation whose last assistant message is judged, read with what comes before it. */
export type JudgeInput = { readonly text: string } | { readonly messages: readonly Message[] }

export interface Judgement {
  /** False where the text is in a language that the judge was not found good at. */
  readonly judged: boolean
  readonly severity: ByCategory<Severity>
  /** Probability, 0 to 1, that the severity is 4 or more. */
  readonly probability: ByCategory<number>
  /** Probability, 0 to 1, that the last reply refuses; 0 where there is no reply. */
  readonly refusal: number
  /** Probability, 0 to 1, that the last reply delivers what was asked; 0 where there is no reply. */
  readonly delivered: number
}

/**
 * Says how harmful texts are, and not how often it is right. An implementation keeps these promises:
 * - `judge` returns one judgement an input, in the same order, and keeps nothing of what it read;
 * - the same input gives the same judgement, whatever else is in the batch;
 * - what it cannot judge is an error, which holds no text, and never a harmless judgement; what it does not tell is 0.
 */
export interface Reader {
  readonly name: string
  /** SHA-256, lower-case hex, over what makes it give other judgements. */
  readonly digest: string
  judge(inputs: readonly JudgeInput[]): Promise<readonly Judgement[]>
  /**
   * As `judge` where only harm is asked for: what is plainly harmless may be passed over quickly, and refusal and delivery
   * left unknown. Where it is not there, `judge` does.
   */
  judgeHarm?(inputs: readonly JudgeInput[]): Promise<readonly Judgement[]>
  /** Whether it reads the language that a text is in, told the surer the longer the text is; every one, where it is not there. */
  isReadable?(text: string): boolean
  close(): Promise<void>
}

/**
 * A reader whose error was measured: only that can gate. `calibrated` makes one of any reader.
 *
 * The reference implementation is `built-in/`.
 */
export interface Judge extends Reader {
  /** SHA-256 over weights and calibration, lower-case hex. */
  readonly digest: string
  readonly calibration: JudgeCalibration
}
