import type { Advice } from './advice.ts'
import type { AdvisedRow } from './advised-row.ts'
import { adviceOn } from './evidence.ts'

const ENOUGH = { rows: 5, share: 0.5 }
const ITEMS = 3
const ITEM = /^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s+\S/gmu
const SUM = /\d\s*[-+*/×÷x]\s*\$?\d[^\n]*=|=\s*[^\n=]{0,30}\d\s*[-+*/×÷]\s*\d/u

/** Answers that are lists or arithmetic: of harmless rows, those nearest to harmful ones (He et al. 2024). */
export function listsAndSums(rows: readonly AdvisedRow[]): Advice[] {
  const found = rows.flatMap(({ line, exchanges }) =>
    exchanges
      .filter(({ answer }) => SUM.test(answer) || (answer.match(ITEM)?.length ?? 0) >= ITEMS)
      .map(({ answerAt }) => ({ line, message: answerAt })),
  )
  return adviceOn('lists_and_sums', found, rows.length, ENOUGH)
}
