import { type Category, type SeverityLevel, severityLevel } from 'assay/harm'
import {
  type ContentFilterConfiguration,
  type ContentSource,
  filterOf,
  type SeverityThreshold,
} from './configuration.ts'
import type { Harm } from './harm-of.ts'

/** Azure's names of the categories in annotations, in its order. */
const ANNOTATED: readonly (readonly [AnnotatedCategory, Category])[] = [
  ['hate', 'hate_fairness'],
  ['self_harm', 'self_harm'],
  ['sexual', 'sexual'],
  ['violence', 'violence'],
]
export type AnnotatedCategory = 'hate' | 'self_harm' | 'sexual' | 'violence'

export interface CategoryResult {
  readonly filtered: boolean
  readonly severity: SeverityLevel
}

/** What a filter found, by category where it is enabled; or why it could not tell. */
export type FilterResults = Partial<Readonly<Record<AnnotatedCategory, CategoryResult>>> & {
  readonly error?: { readonly code: string; readonly message: string }
}

export interface Finding {
  readonly results: FilterResults
  /** Whether the text is withheld. */
  readonly filtered: boolean
}

const FILTERED: Readonly<Record<SeverityThreshold, readonly SeverityLevel[]>> = {
  Low: ['low', 'medium', 'high'],
  Medium: ['medium', 'high'],
  High: ['high'],
}

/** In no language that the judge reads nothing can be called safe: where a filter blocks, it blocks that. */
const NOT_JUDGED = {
  code: 'content_filter_error',
  message: 'The content filter does not read the language of this text.',
}

/** Whether any category is filtered, and so whether anything is judged. */
export function isFiltered(configuration: ContentFilterConfiguration, source: ContentSource): boolean {
  return ANNOTATED.some(([, category]) => filterOf(configuration, source, category).enabled)
}

/** What a configuration makes of the harm in a text. */
export function findingOf(configuration: ContentFilterConfiguration, source: ContentSource, harm: Harm): Finding {
  const enabled = ANNOTATED.flatMap(([name, category]) => {
    const filter = filterOf(configuration, source, category)
    return filter.enabled ? [{ name, filter, severity: severityLevel(harm.severity[category]) }] : []
  })
  if (!harm.judged) return { results: { error: NOT_JUDGED }, filtered: enabled.some(({ filter }) => filter.blocking) }
  const results = enabled.map(({ name, filter, severity }) => {
    const filtered = filter.blocking && FILTERED[filter.severityThreshold].includes(severity)
    return [name, { filtered, severity }] as const
  })
  return { results: Object.fromEntries(results), filtered: results.some(([, { filtered }]) => filtered) }
}

/** Why a text was withheld, for people: the categories that were filtered, with their severities. */
export function whyFiltered({ error, ...results }: FilterResults): string {
  if (error) return error.message.replace(/\.$/, '')
  return Object.entries(results)
    .filter(([, { filtered }]) => filtered)
    .map(([name, { severity }]) => `${name}: ${severity}`)
    .join(', ')
}
