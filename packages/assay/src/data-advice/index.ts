export {
  ADVICE_KINDS,
  ADVICE_TEXTS,
  type Advice,
  type AdviceKind,
  type AdviceText,
  type AdvisedMessage,
} from './advice.ts'
export { DataAdviser } from './data-adviser.ts'
export { MEASURED, type Measured, measuredSentence } from './measured.ts'
export type { PhrasePlace, SuspectedPhrase } from './rare-phrase.ts'
