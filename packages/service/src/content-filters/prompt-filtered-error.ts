import { AssayError } from 'assay/errors'
import { type FilterResults, whyFiltered } from './filter-results.ts'

/** A prompt that the deployment's content filter does not let through. It begins as Azure's, since clients look for that. */
export class PromptFilteredError extends AssayError {
  readonly results: FilterResults

  constructor(results: FilterResults) {
    const why = whyFiltered(results)
    const message = `The response was filtered due to the prompt triggering the content management policy of this deployment (${why}).`
    super('content_filter', message, { status: 400, param: 'prompt', remedy: 'Please modify your prompt and retry.' })
    this.name = 'PromptFilteredError'
    this.results = results
  }
}
