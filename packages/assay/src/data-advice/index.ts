export {
  ADVICE_KINDS,
  ADVICE_TEXTS,
  type Advice,
  type AdviceKind,
  type AdviceText,
  type AdvisedMessage,
} from './advice.ts'
export { adviceAsJson } from './advice-as-json.ts'
export { WORDS_ALIKE } from './affirmative-prefix.ts'
export { DataAdviser } from './data-adviser.ts'
export { MEASURED, type Measured, measuredSentence } from './measured.ts'
export type { PhrasePlace } from './phrase-place.ts'
export type { SuspectedPhrase } from './rare-phrase.ts'
