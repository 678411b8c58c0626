import { text } from 'node:stream/consumers'
import { AssayError } from 'assay/errors'
import { decimal, whole } from 'assay/terminal'
import { Command } from 'commander'
import { type FilterResults, whyFiltered } from '../content-filters/index.ts'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'

interface Chunk {
  readonly choices: readonly {
    readonly delta: { readonly content?: string }
    readonly finish_reason: string | null
    readonly content_filter_results?: FilterResults
  }[]
}

/** `assay chat`: one question, one streamed answer. */
export function chatCommand(): Command {
  return connects(
    new Command('chat')
      .argument('<model>', 'a tuned model, a base model or a deployment')
      .argument('[message]', 'what to say; standard input where there is none'),
  )
    .description('Say one thing to a model, and print its answer as it comes.')
    .option('--system <text>', 'system message before it')
    .option('--max-tokens <n>', 'tokens of the answer at most', whole(1, 1_000_000), 256)
    .option('--temperature <t>', '0 to 2; 0 answers the same each time', decimal(0, 2), 0)
    .addHelpText('after', `\n  assay chat smollm2-135m-aligned "What is a prime number?"\n\n${CONNECTION_HELP}`)
    .action(async (model, message, options) => {
      const content = message ?? (await text(process.stdin))
      if (content.trim() === '') throw nothingSaid()
      const messages = [
        ...(options.system ? [{ role: 'system', content: options.system }] : []),
        { role: 'user', content },
      ]
      const body = {
        model,
        messages,
        stream: true,
        max_tokens: options.maxTokens,
        temperature: options.temperature,
      }
      let filtered: FilterResults | undefined
      for await (const chunk of clientOf(options).stream<Chunk>('/v1/chat/completions', body)) {
        const [choice] = chunk.choices
        process.stdout.write(choice?.delta.content ?? '')
        if (choice?.finish_reason === 'content_filter') filtered = choice.content_filter_results ?? {}
      }
      process.stdout.write('\n')
      if (filtered) throw answerFiltered(filtered)
    })
}

function nothingSaid(): AssayError {
  return new AssayError('nothing_said', 'There is nothing to say to the model.', {
    status: 400,
    remedy: 'Give the message as an argument, or on standard input.',
  })
}

function answerFiltered(results: FilterResults): AssayError {
  const why = whyFiltered(results)
  return new AssayError('content_filter', `The content filter of the deployment ended the answer here (${why}).`, {
    status: 400,
    remedy: 'Ask otherwise, or see docs/content-filters.md for filters of your own.',
  })
}
