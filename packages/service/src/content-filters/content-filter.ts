import type { Message } from 'assay/conversations'
import { AssayError } from 'assay/errors'
import type { Judge } from 'assay/judges'
import type { EngineReply, StreamPart } from '../engines/index.ts'
import type { ContentFilterConfiguration, ContentSource } from './configuration.ts'
import { type FilterResults, findingOf, isFiltered } from './filter-results.ts'
import { FilteredReply, type ReplyPart } from './filtered-reply.ts'
import { type Harm, harmOf, NO_HARM } from './harm-of.ts'
import { pieceOf } from './piece-of.ts'
import { PromptFilteredError } from './prompt-filtered-error.ts'

/** An exchange as it is let through: what was found in the prompt, the reply's text, and at last how it ended. */
export type FilteredPart =
  | { readonly type: 'prompt'; readonly results: FilterResults }
  | ReplyPart
  | ({ readonly type: 'end'; readonly finishReason: EngineReply['finishReason'] | 'content_filter' } & Pick<
      EngineReply,
      'promptTokens' | 'completionTokens'
    >)

/**
 * Applies a configuration to an exchange. What cannot be judged is an error (`content_filter_unavailable`), and never let
 * through. Nothing of what is read is kept.
 */
export class ContentFilter {
  readonly #configuration: ContentFilterConfiguration
  readonly #judge: () => Promise<Judge>

  constructor(configuration: ContentFilterConfiguration, judge: () => Promise<Judge>) {
    this.#configuration = configuration
    this.#judge = judge
  }

  /**
   * The prompt is judged once the engine has taken it: the engine refuses what is longer than the model's context, and so
   * bounds what has to be judged. A reply that is filtered is read to its end, unseen, for its tokens to be counted.
   *
   * @param streamed whether text is let through piece by piece; else all at once
   * @throws {PromptFilteredError}
   */
  async *apply(
    messages: readonly Message[],
    parts: AsyncIterable<StreamPart>,
    streamed: boolean,
  ): AsyncGenerator<FilteredPart> {
    const reply = this.#reply(messages, streamed)
    let begun = false
    for await (const part of parts) {
      if (!begun) yield { type: 'prompt', results: await this.#prompt(messages) }
      begun = true
      if (part.type === 'text') {
        yield* reply.write(part.text)
        continue
      }
      yield* reply.end()
      const { promptTokens, completionTokens } = part
      const finishReason = reply.filtered ? 'content_filter' : part.finishReason
      yield { type: 'end', finishReason, promptTokens, completionTokens }
    }
  }

  async #prompt(messages: readonly Message[]): Promise<FilterResults> {
    const contents = messages.map((message) => message.content)
    const harm = await this.#harm('Prompt', (judge) => harmOf(judge, contents))
    const { results, filtered } = findingOf(this.#configuration, 'Prompt', harm)
    if (filtered) throw new PromptFilteredError(results)
    return results
  }

  /** The reply is judged as an answer to what was asked: what is harmless by itself may deliver harm that was asked for. */
  #reply(messages: readonly Message[], streamed: boolean): FilteredReply {
    // What a tool said is read as asked for too: a judge looks for that in a user's words.
    const asked = messages.map((message) => (message.role === 'tool' ? { ...message, role: 'user' as const } : message))
    const asReply = (content: string) => ({ messages: [...asked, { role: 'assistant' as const, content }] })
    return new FilteredReply(
      (text) => this.#harm('Completion', (judge) => harmOf(judge, [text], asReply)),
      (harm) => findingOf(this.#configuration, 'Completion', harm),
      streamed ? (isFiltered(this.#configuration, 'Completion') ? pieceOf : allOf) : () => 0,
    )
  }

  /** Where nothing is filtered, nothing is judged. */
  async #harm(source: ContentSource, judgeWith: (judge: Judge) => Promise<Harm>): Promise<Harm> {
    if (!isFiltered(this.#configuration, source)) return NO_HARM
    try {
      return await judgeWith(await this.#judge())
    } catch (cause) {
      throw new AssayError('content_filter_unavailable', 'The content filter could not judge this exchange.', {
        status: 503,
        remedy: 'Try again; nothing is let through that was not judged.',
        cause,
      })
    }
  }
}

function allOf(waiting: string): number {
  return waiting.length
}
