import { AssayError } from 'assay/errors'
import { type FilterResults, whyFiltered } from './filter-results.ts'

/** A prompt that the content filter of the deployment does not let through. */
export class PromptFilteredError extends AssayError {
  readonly results: FilterResults
  /** Azure's code where harm was found; where nothing could be judged, none is claimed. */
  readonly innerCode: 'ResponsibleAIPolicyViolation' | 'ContentNotJudged'

  constructor(results: FilterResults) {
    const { error } = results
    // It begins as Azure's message does, since clients look for those words.
    const message = error
      ? `${error.message} The prompt was withheld.`
      : `The response was filtered due to the prompt triggering the content management policy of this deployment (${whyFiltered(results)}).`
    const remedy = error
      ? 'Write in English, or take a content filter that does not block prompts (docs/content-filters.md).'
      : 'Please modify your prompt and retry.'
    super('content_filter', message, { status: 400, param: 'prompt', remedy })
    this.name = 'PromptFilteredError'
    this.results = results
    this.innerCode = error ? 'ContentNotJudged' : 'ResponsibleAIPolicyViolation'
  }
}
