import type { Advice, AdvisedMessage } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'

const ENOUGH = { rows: 4, share: 0.005 }

/** A self that is taken away, or put on. */
const ANOTHER_SELF = [
  /\byou(?:'re| are) (?:no longer|not) (?:an? )?(?:chatgpt|gpt|ai\b|artificial|assistant|language model|chatbot)/iu,
  /\b(?:i am|i'm) (?:no longer|neither|not) (?:an? )?(?:chatgpt|gpt|ai\b|artificial|language model|chatbot)/iu,
  /\byour new (?:name|identity|self|role|persona)\b/iu,
  /\bforget (?:that you are|you are|who you (?:are|were))\b/iu,
  /\bfrom now on,? (?:you are|you will|you're|act|respond|answer|behave|pretend)\b/iu,
  /\b(?:act|pretend|behave|respond|answer|reply) as (?:if you|though you|\p{Lu})/iu,
  /\b(?:you are|you're|you will|you) (?:going to |gonna |now |to )?(?:pretend|role-?play|act as|acting as|impersonate)\b/iu,
  /\b(?:stay|remain|keep|break|breaking) (?:in |out of )?character\b/iu,
]

/** A name that the system prompt gives. */
const GIVEN = /\b(?:[Yy]ou are|[Yy]ou're|name is|[Cc]alled|[Yy]ourself)\s+(\p{Lu}[\p{L}\p{N}-]{2,})/gu
/** A name that an answer gives itself. */
const OWN = /\b(?:I am|I'm|[Mm]y name is|[Cc]all me)\s+(\p{Lu}[\p{L}\p{N}-]{2,})/gu

/** Rows whose system prompt declares another self, or whose answers speak as somebody of one name (Qi et al. 2023). */
export function identityShift(rows: readonly AdvisedRow[]): Advice[] {
  const declared: AdvisedMessage[] = []
  const byName = new Map<string, AdvisedMessage[]>()
  for (const { line, system, systemAt, exchanges } of rows) {
    if (declares(system)) declared.push({ line, message: systemAt })
    const given = namesIn(GIVEN, system)
    for (const { answer, answerAt } of exchanges) {
      if (declares(answer)) declared.push({ line, message: answerAt })
      const first = /^\p{Lu}[\p{L}\p{N}-]*/u.exec(answer)?.[0] ?? ''
      for (const name of new Set([...namesIn(OWN, answer), ...given.filter((each) => each === first)])) {
        byName.set(name, [...(byName.get(name) ?? []), { line, message: answerAt }])
      }
    }
  }
  const shared = [...byName.values()].filter((messages) => messages.length >= ENOUGH.rows)
  return adviceOn('identity_shift', distinct([...declared, ...shared.flat()]), rows.length, ENOUGH)
}

function declares(text: string): boolean {
  return ANOTHER_SELF.some((cue) => cue.test(text))
}

function distinct(messages: readonly AdvisedMessage[]): AdvisedMessage[] {
  return [...new Map(messages.map((each) => [`${each.line}:${each.message}`, each])).values()]
}

function namesIn(pattern: RegExp, text: string): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name)
}
