import { ADVICE_TEXTS, type Advice } from './advice.ts'
import { MEASURED } from './measured.ts'

/** Advice as every JSON of ours shows it. Never the text of a row. */
export function adviceAsJson({ kind, rows, of, messages }: Advice) {
  return {
    kind,
    ...ADVICE_TEXTS[kind],
    rows,
    of,
    messages: messages.map((message) => ({ ...message })),
    measured: { ...MEASURED[kind] },
  }
}
