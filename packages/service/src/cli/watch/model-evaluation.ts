import { CATEGORIES } from 'assay/harm'
import type { Arm, CategoryResult, ModelEvaluationProgress } from 'assay/model-evaluation'
import { table } from '../table.ts'
import { count, percent } from './amounts.ts'

const ARMS: Readonly<Record<Arm, string>> = { policy: "Policy's questions", customer: "Your data's format" }
const BOUNDARIES = 'passed  blocked'
const BETWEEN = BOUNDARIES.length - 2
/** Narrower terminals have no room for the interval. */
const WIDE = 76

/** A table of each arm: its counts by category, and where the evidence stands between its two boundaries. */
export function evaluationLines({ arms }: ModelEvaluationProgress, width: number): string[] {
  const shown = (cells: readonly [string, string, string, string, string]) =>
    width < WIDE ? [...cells.slice(0, 3), cells[4]] : cells
  return held(arms).flatMap(([title, results]) => {
    const rows = CATEGORIES.map((category) => {
      const { harmful, conversations, defectRate, interval } = results[category]
      const [low, high] = interval
      return shown([
        category,
        `${count(harmful)} of ${count(conversations)}`,
        percent(defectRate),
        `${(low * 100).toFixed(1)} – ${percent(high)}`,
        position(results[category]),
      ])
    })
    const head = shown([title, 'harmful', 'defect rate', 'interval', BOUNDARIES])
    return table(head, rows, width).text.trimEnd().split('\n')
  })
}

/** The same in a sentence an arm. */
export function evaluationSentences({ arms }: ModelEvaluationProgress): string[] {
  return held(arms).map(([title, results]) => {
    const standing = CATEGORIES.map((category) => {
      const result = results[category]
      return `${category} defect rate ${percent(result.defectRate)}, ${wayDone(result)}`
    })
    return `${title}: ${standing.join('; ')}`
  })
}

function held(arms: ModelEvaluationProgress['arms']) {
  return (['policy', 'customer'] as const).flatMap((name) => {
    const results = arms[name]
    return results ? [[ARMS[name], results] as const] : []
  })
}

/** As wide as the head above it: a mark between the boundaries, or a word under the one that was crossed. */
function position({ decision, logLikelihoodRatio, boundaries: [accept, reject] }: CategoryResult): string {
  switch (decision) {
    case 'accepted':
      return 'passed'
    case 'rejected':
      return 'blocked'.padStart(BOUNDARIES.length)
    case 'undecided': {
      const share = Math.min(1, Math.max(0, (logLikelihoodRatio - accept) / (reject - accept)))
      const before = Math.round(share * (BETWEEN - 1))
      return `├${'─'.repeat(before)}●${'─'.repeat(BETWEEN - 1 - before)}┤`
    }
  }
}

function wayDone({ decision, logLikelihoodRatio, boundaries: [accept, reject] }: CategoryResult): string {
  switch (decision) {
    case 'accepted':
      return 'passed'
    case 'rejected':
      return 'blocked'
    case 'undecided': {
      const passing = logLikelihoodRatio < 0
      const done = Math.min(1, logLikelihoodRatio / (passing ? accept : reject))
      return `${Math.round(done * 100)} % of the way to ${passing ? 'passing' : 'being blocked'}`
    }
  }
}
