import type { ByCategory } from '../../harm/index.ts'
import type { Exchange } from '../exchange.ts'

/** One request to the model. The server puts the messages into the model's own chat template. */
export interface Question {
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string }[]
  /** What the template is told besides, as `chat_template_kwargs` (vLLM, SGLang, llama.cpp). */
  readonly templateArguments?: Readonly<Record<string, unknown>>
}

/** What the model said, with the alternatives to each token where the endpoint returns them. */
export interface Answer {
  readonly text: string
  readonly tokens: readonly {
    readonly token: string
    readonly logprob: number
    readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[]
  }[]
}

export interface Reading {
  readonly probability: ByCategory<number>
  /** 0 where the model does not tell. */
  readonly refusal: number
}

/** What is particular to a guard model: its questions, its categories and how its answers are read. */
export interface GuardModel {
  readonly name: string
  /** `english`: texts in other languages are not judged. */
  readonly languages: 'english' | 'many'
  /** Tokens that an answer needs at most. */
  readonly maxTokens: number
  questions(exchange: Exchange): readonly Question[]
  /**
   * @param answers in the order of the questions
   * @throws {UnreadableAnswer} where one has another form than the model's
   */
  read(answers: readonly Answer[], exchange: Exchange): Reading
}

/** The model did not answer in its form. `fault` says how, without quoting. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
}

/** The conversation as guard models take it: a request and its reply, or a bare text in the place of a request. */
export function conversationOf({ request, text }: Exchange): Question['messages'] {
  if (request === undefined) return [{ role: 'user', content: text }]
  return [
    { role: 'user', content: request },
    { role: 'assistant', content: text },
  ]
}
