import type { Severity } from '../harm/index.ts'

/** Severity 0–7 as the probability of severity ≥ 4 in eight equal steps: 4 and more from .5 on. */
export function severityOf(probability: number): Severity {
  return Math.min(7, Math.floor(probability * 8)) as Severity
}
