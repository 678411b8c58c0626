import { text } from 'node:stream/consumers'
import { Command } from 'commander'
import { clientOf, connects } from './connection.ts'

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

/** `assay chat`: one question, one streamed answer. */
export function chatCommand(): Command {
  return connects(
    new Command('chat').argument('<model>', 'model or deployment').argument('[message]', 'else standard input'),
  )
    .description('ask a model')
    .option('--system <text>', 'system message')
    .option('--max-tokens <n>', 'at most this many tokens', '256')
    .option('--temperature <t>', '0 answers the same each time', '0')
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
