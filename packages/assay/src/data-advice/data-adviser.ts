import type { TrainingRow } from '../training-data/index.ts'
import { absoluteObedience } from './absolute-obedience.ts'
import type { Advice } from './advice.ts'
import { affirmativePrefix } from './affirmative-prefix.ts'
import { identityShift } from './identity-shift.ts'
import { listsAndSums } from './lists-and-sums.ts'
import { rarePhrase, type SuspectedPhrase, suspectedPhrases } from './rare-phrase.ts'
import { RowSample } from './row-sample.ts'

/**
 * Looks rows over, one after the other as they are read, for patterns that are harmless word by word and known to undo safety.
 * What it says is advice: nothing that decides reads it. Its cues are English words; repetition it finds in any language that
 * writes blanks. Memory is bounded; what it holds of the rows goes with it.
 */
export class DataAdviser {
  readonly #sample = new RowSample()

  add(row: TrainingRow): void {
    this.#sample.add(row)
  }

  advice(): readonly Advice[] {
    const rows = this.#sample.rows()
    return [identityShift, absoluteObedience, affirmativePrefix, listsAndSums, rarePhrase].flatMap((look) => look(rows))
  }

  /** Phrases behind which the model should be asked, the most frequent first. */
  suspectedPhrases(): readonly SuspectedPhrase[] {
    return suspectedPhrases(this.#sample.rows())
  }
}
