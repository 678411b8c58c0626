import type { Advice, AdviceKind, AdvisedMessage } from './advice.ts'

const MESSAGES_NAMED = 20

/** From so many rows and such a share on, a pattern is worth a word: one odd row is none. */
export interface Threshold {
  readonly rows: number
  readonly share: number
}

/** Advice that rests on messages of several rows; none where they are too few. */
export function adviceOn(
  kind: AdviceKind,
  messages: readonly AdvisedMessage[],
  of: number,
  threshold: Threshold,
): Advice[] {
  const rows = new Set(messages.map(({ line }) => line)).size
  if (rows < Math.max(threshold.rows, threshold.share * of)) return []
  const inOrder = [...messages].sort((a, b) => a.line - b.line || a.message - b.message)
  return [{ kind, rows, of, messages: inOrder.slice(0, MESSAGES_NAMED) }]
}
