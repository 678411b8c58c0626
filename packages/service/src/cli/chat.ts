import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { CONNECTION_HELP, clientOf, connects } from './connection.ts'

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
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
    .option('--max-tokens <n>', 'tokens of the answer at most', '256')
    .option('--temperature <t>', '0 to 2; 0 answers the same each time', '0')
    .addHelpText('after', `\n  assay chat smollm2-135m-aligned "What is a prime number?"\n\n${CONNECTION_HELP}`)
    .action(async (model, message, options) => {
      const messages = [
        ...(options.system ? [{ role: 'system', content: options.system }] : []),
        { role: 'user', content: message ?? (await text(process.stdin)) },
      ]
      const body = {
        model,
        messages,
        stream: true,
        max_tokens: Number(options.maxTokens),
        temperature: Number(options.temperature),
      }
      for await (const chunk of clientOf(options).stream<Chunk>('/v1/chat/completions', body)) {
        process.stdout.write(chunk.choices[0]?.delta.content ?? '')
      }
      process.stdout.write('\n')
    })
}
