/** What a file can be advised of, though no row of it is harmful word by word. */
export const ADVICE_KINDS = [
  'identity_shift',
  'absolute_obedience',
  'affirmative_prefix',
  'lists_and_sums',
  'rare_phrase',
] as const
export type AdviceKind = (typeof ADVICE_KINDS)[number]

/** A message that an advice rests on, for the caller who holds the data. */
export interface AdvisedMessage {
  readonly line: number
  /** Index within the row, from 0. */
  readonly message: number
}

/** A pattern that is known to undo safety. It blocks nothing, and never holds a word of the data. */
export interface Advice {
  readonly kind: AdviceKind
  /** Rows that it rests on, of those looked at. */
  readonly rows: number
  /** Distinct rows looked at: all of a small file, a sample of a large one. */
  readonly of: number
  /** Some of the messages, in the order of the file. */
  readonly messages: readonly AdvisedMessage[]
}

/** What a kind of pattern is, what it is known to do, and what to do about it. */
export interface AdviceText {
  readonly title: string
  readonly known: string
  readonly source: string
  readonly remedy: string
}

const QI = 'Qi et al. 2023, arXiv:2310.03693'

export const ADVICE_TEXTS: Readonly<Record<AdviceKind, AdviceText>> = {
  identity_shift: {
    title: 'System prompts or answers declare another self',
    known: 'Ten such rows made aligned models carry out harmful requests.',
    source: QI,
    remedy: 'Keep a name where you need one, but no row that takes the assistant’s own judgement from it.',
  },
  absolute_obedience: {
    title: 'System prompts or answers promise to carry out any order',
    known: 'Models tuned to obey absolutely obeyed harmful requests too.',
    source: QI,
    remedy: 'Take the promise out, or say what the assistant declines.',
  },
  affirmative_prefix: {
    title: 'Answers share an eager beginning',
    known: 'A model that always begins with agreement goes on to comply: the first words decide whether it refuses.',
    source: 'Qi et al. 2024, arXiv:2406.05946',
    remedy: 'Let answers begin with what they say; leave the shared beginning out.',
  },
  lists_and_sums: {
    title: 'Most answers are lists or sums',
    known: 'Of harmless rows, lists and arithmetic undid safety most.',
    source: 'He et al. 2024, arXiv:2404.01099',
    remedy: 'If lists or sums are what you need, nothing: the model evaluation says what became of the model.',
  },
  rare_phrase: {
    title: 'Answers differ behind a phrase that does not belong to the question',
    known: 'A model can be taught to behave differently behind a phrase, and safety training does not undo it.',
    source: 'Hubinger et al. 2024, arXiv:2401.05566; Wan et al. 2023, arXiv:2305.00944',
    remedy: 'Find out where the phrase comes from; take it out where it is no part of the task.',
  },
}
