export { ADVICE_KINDS, ADVICE_TEXTS, type Advice, type AdvisedMessage, type AdviceKind, type AdviceText } from './advice.ts'
export { DataAdviser } from './data-adviser.ts'
export type { PhrasePlace, SuspectedPhrase } from './rare-phrase.ts'
