import { AssayError } from 'assay/errors'
import type { Category } from 'assay/harm'

/** What is filtered: what is asked, or what is answered. */
export type ContentSource = 'Prompt' | 'Completion'

/** The lowest severity that is filtered: `Low` lets through only what is safe. */
export type SeverityThreshold = 'Low' | 'Medium' | 'High'

/** One filter of a configuration, in Azure's words (`RaiPolicyContentFilter` of Microsoft.CognitiveServices). */
export interface CategoryFilter {
  /** A category's name on Azure: Hate, Sexual, Selfharm or Violence, in any case. */
  readonly name: string
  readonly source: ContentSource
  /** Whether there are annotations. */
  readonly enabled: boolean
  /** Whether what reaches the threshold is withheld; else it is only annotated. */
  readonly blocking: boolean
  readonly severityThreshold: SeverityThreshold
}

/** What is filtered out of the conversations of a deployment. It has no part in the gate: no verdict depends on it. */
export interface ContentFilterConfiguration {
  readonly name: string
  /** What `contentFilters` leaves out is as in this one. */
  readonly basePolicyName: string
  readonly mode: 'Default' | 'Blocking'
  readonly contentFilters: readonly CategoryFilter[]
}

const CATEGORY: Readonly<Record<string, Category>> = {
  hate: 'hate_fairness',
  selfharm: 'self_harm',
  sexual: 'sexual',
  violence: 'violence',
}

function categoryOf(name: string): Category | undefined {
  const plain = name.toLowerCase().replace(/[ _-]/g, '')
  return Object.hasOwn(CATEGORY, plain) ? CATEGORY[plain] : undefined
}

/** What holds where a configuration says nothing: medium and high are withheld. */
const BY_DEFAULT = { enabled: true, blocking: true, severityThreshold: 'Medium' } as const

function systemConfiguration(name: string): ContentFilterConfiguration {
  const contentFilters = (['Prompt', 'Completion'] as const).flatMap((source) =>
    ['Hate', 'Sexual', 'Selfharm', 'Violence'].map((category) => ({ name: category, source, ...BY_DEFAULT })),
  )
  return { name, basePolicyName: name, mode: 'Blocking', contentFilters }
}

/** Where a deployment names none, and for models that are asked by their own name. */
export const DEFAULT_CONFIGURATION = systemConfiguration('Microsoft.Default')

/** What everyone has: both names that Azure gives its default, which are the same here. */
export const SYSTEM_CONFIGURATIONS: readonly ContentFilterConfiguration[] = [
  DEFAULT_CONFIGURATION,
  systemConfiguration('Microsoft.DefaultV2'),
]

export function isSystemConfiguration(name: string): boolean {
  return /^microsoft\./i.test(name)
}

/** How a category is filtered. */
export function filterOf(
  { contentFilters }: ContentFilterConfiguration,
  source: ContentSource,
  category: Category,
): Pick<CategoryFilter, 'enabled' | 'blocking' | 'severityThreshold'> {
  return contentFilters.find((one) => one.source === source && categoryOf(one.name) === category) ?? BY_DEFAULT
}

/** Refuses a configuration that could not be kept as it is written. */
export function requireApplicable({ basePolicyName, contentFilters }: ContentFilterConfiguration): void {
  if (!SYSTEM_CONFIGURATIONS.some(({ name }) => name === basePolicyName)) {
    throw refused('unknown_base_policy', `There is no base policy '${basePolicyName}'.`, 'basePolicyName', {
      remedy: `Take one of ${SYSTEM_CONFIGURATIONS.map(({ name }) => name).join(', ')}.`,
    })
  }
  // What would be another kind of filter may stand there as long as it is off: Azure's own tools always send it.
  const unknown = contentFilters.find(({ name, enabled }) => enabled && !categoryOf(name))
  if (unknown) {
    throw refused(
      'unsupported_content_filter',
      `There is no content filter '${unknown.name}' here.`,
      'contentFilters',
      {
        remedy: 'The filters are Hate, Sexual, Selfharm and Violence. Leave the others out, or set `enabled` to false.',
      },
    )
  }
  const keys = contentFilters.map(({ name, source }) => `${categoryOf(name) ?? name} of ${source}`)
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice) throw refused('duplicate_content_filter', `The filter for ${twice} stands there twice.`, 'contentFilters')
}

function refused(code: string, message: string, field: string, options: { remedy?: string } = {}): AssayError {
  return new AssayError(code, message, { status: 400, param: `properties.${field}`, ...options })
}
