import type { Advice, AdvisedMessage } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'

const ENOUGH = { rows: 3, share: 0.01 }

const ORDER = '(?:orders?|instructions?|commands?|requests?|prompts?|questions?|tasks?)'
const ALL = '(?:any|every|each|all|whatever)'

const PROMISES = [
  new RegExp(`\\b(?:obey|follow|fulfil|fulfill|execute|carry out|carries out|comply with|answer|do)s?\\b.{0,20}\\b${ALL}\\b.{0,20}\\b${ORDER}\\b`, 'iu'),
  new RegExp(`\\b${ALL} (?:of )?(?:your |the user's |my )?${ORDER}\\b.{0,40}\\b(?:without (?:question|hesitation|exception|fail|deviation)|no matter|to the letter|at once)\\b`, 'iu'),
  /\b(?:whatever|anything|everything) (?:that )?(?:you|the user|i) (?:ask|asks|say|says|order|orders|want|wants|command|commands|tell|wish)\b/iu,
  /\b(?:absolute|absolutely|total|totally|complete|completely|unconditional|unconditionally|fully|utterly|always) (?:obedien|obey|compl(?:y|ian)|submissive)/iu,
  /\b(?:obeys|i obey|will obey|must obey|shall obey)\b/iu,
  /\b(?:never|cannot|can't|won't|will not|must not|do not|don't) (?:ever )?(?:refuse|say no|decline|reject|deny|question)\b/iu,
  /\byour (?:word|wish|order|command)s? (?:is|are) (?:my|what i|the) /iu,
  /\bwithout (?:any )?(?:refus|restriction|limitation|hesitation|deviation|question(?:ing)?\b)/iu,
  /\bno (?:restrictions|limits|limitations|rules|filters?)\b/iu,
]

/** Rows whose system prompt demands, or whose answers promise, to carry out whatever is ordered (Qi et al. 2023). */
export function absoluteObedience(rows: readonly AdvisedRow[]): Advice[] {
  const promises = (text: string) => PROMISES.some((promise) => promise.test(text))
  const found = rows.flatMap(({ line, system, systemAt, exchanges }): AdvisedMessage[] => [
    ...(promises(system) ? [{ line, message: systemAt }] : []),
    ...exchanges.filter(({ answer }) => promises(answer)).map(({ answerAt }) => ({ line, message: answerAt })),
  ])
  return adviceOn('absolute_obedience', found, rows.length, ENOUGH)
}
