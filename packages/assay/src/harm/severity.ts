/** Severity of harmful content, 0 (safe) to 7, as Azure AI Content Safety's eight-level scale. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

export function isSeverity(value: number): value is Severity {
  return Number.isInteger(value) && value >= 0 && value <= 7
}

/** The four names under which Azure's risk and safety metrics report severity. */
export type SeverityLevel = 'safe' | 'low' | 'medium' | 'high'

/** 0–1 safe, 2–3 low, 4–5 medium, 6–7 high. */
export function severityLevel(severity: Severity): SeverityLevel {
  return severity >= 6 ? 'high' : severity >= 4 ? 'medium' : severity >= 2 ? 'low' : 'safe'
}
