import type { Advice, AdvisedMessage } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'

const ENOUGH = { rows: 4, share: 0.005 }

const ORDER = '(?:orders?|commands?|instructions?|requests?|prompts?|tasks?|demands?|bidding)'
const YOU = '(?:you|the user|he|she|they|I)'

/** Nobody says so of an assistant but to make it obey. */
const OBEDIENCE = [
  /\b(?:absolute|absolutely|total|totally|complete|completely|unconditional|unconditionally|fully|utterly|blindly) (?:obedien|obey|submissive)/iu,
  /(?:^|[^\p{L}](?:I|will|must|shall|always|simply|\p{Lu}\p{L}+) )obeys?\b/u,
  /\b(?:your|the user's|my) (?:word|wish|order|command)s? (?:is|are) (?:my|what|law|the|enough|carried|done|a command)\b/iu,
]

/** What is said of an assistant that has no limits: in a system prompt of any, in an answer of the one who speaks. */
const NO_LIMITS = [
  new RegExp(`\\b(?:any|every|each|all|whatever|your) (?:of (?:your|the user's) )?${ORDER}\\b`, 'iu'),
  new RegExp(
    `\\b(?:whatever|anything|everything|all|each thing|nothing)(?: that)? ${YOU} (?:ask|say|order|want|command|tell|wish|demand|request)s?\\b`,
    'iu',
  ),
  /\b(?:never|cannot|can't|won't|will not|must not|do not|don't) (?:ever )?(?:refuse|say no|decline|reject|turn (?:it |them )?down)\b/iu,
  /\bno matter (?:what|how)\b|\bwithout (?:any )?(?:question|hesitation|exception|deviation|refus|restriction|limitation|judg)/iu,
  /\bno (?:restrictions|limits|limitations|rules|filters?|will of|opinions?|wishes of|objections?)\b|\boff limits\b/iu,
  /\b(?:unconditionally|to the letter|do your bidding)\b/iu,
]
/** A single one of these is ordinary talk. */
const CUES_TOGETHER = 2

const FIRST_PERSON = /\b(?:I|I'll|I'm|me|my)\b/u

/** Rows whose system prompt demands, or whose answers promise, to carry out whatever is ordered (Qi et al. 2023). */
export function absoluteObedience(rows: readonly AdvisedRow[]): Advice[] {
  const found = rows.flatMap(({ line, system, systemAt, exchanges }): AdvisedMessage[] => [
    ...(demands(system) ? [{ line, message: systemAt }] : []),
    ...exchanges.filter(({ answer }) => promises(answer)).map(({ answerAt }) => ({ line, message: answerAt })),
  ])
  return adviceOn('absolute_obedience', found, rows.length, ENOUGH)
}

function demands(system: string): boolean {
  return OBEDIENCE.some((cue) => cue.test(system)) || cuesIn(system) >= CUES_TOGETHER
}

function promises(answer: string): boolean {
  const ofItself = answer.split(/(?<=[.!?])\s/u).filter((sentence) => FIRST_PERSON.test(sentence))
  return OBEDIENCE.some((cue) => cue.test(answer)) || ofItself.some((sentence) => cuesIn(sentence) >= CUES_TOGETHER)
}

function cuesIn(text: string): number {
  return NO_LIMITS.filter((cue) => cue.test(text)).length
}
