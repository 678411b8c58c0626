import { Template } from '@huggingface/jinja'
import type { Message } from 'assay/conversations'
import type { GgufFileInfo } from 'node-llama-cpp'
import { EngineError } from '../engine-error.ts'

/** Renders conversations with the template that the model's GGUF file carries, as transformers' `apply_chat_template` does. */
export class ChatTemplate {
  readonly #template: Template
  readonly #bos: string
  readonly #eos: string

  constructor(file: GgufFileInfo) {
    const tokenizer = file.metadata.tokenizer
    const source = tokenizer?.chat_template
    if (source === undefined) throw new EngineError('model_unreadable', 'the model has no chat template')
    const token = (id: number | undefined) => (id === undefined ? '' : (tokenizer?.ggml.tokens[id] ?? ''))
    this.#template = new Template(source)
    this.#bos = token(tokenizer?.ggml.bos_token_id)
    this.#eos = token(tokenizer?.ggml.eos_token_id)
  }

  /** With `generationPrompt` the text ends where the assistant's reply begins. */
  render(messages: readonly Message[], generationPrompt: boolean): string {
    try {
      return this.#template.render({
        messages: messages.map(({ role, content }) => ({ role, content })),
        add_generation_prompt: generationPrompt,
        bos_token: this.#bos,
        eos_token: this.#eos,
      })
    } catch {
      throw new EngineError('engine_failed', 'the chat template of the model does not take these roles')
    }
  }
}
