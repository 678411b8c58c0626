export {
  type ContentFilterConfiguration,
  DEFAULT_CONFIGURATION,
  isSystemConfiguration,
} from './configuration.ts'
export { ContentFilterConfigurations, contentFilterConfiguration } from './configurations.ts'
export { ContentFilter, type FilteredPart } from './content-filter.ts'
export { type FilterResults, whyFiltered } from './filter-results.ts'
export { type Harm, harmOf } from './harm-of.ts'
export { PromptFilteredError } from './prompt-filtered-error.ts'
