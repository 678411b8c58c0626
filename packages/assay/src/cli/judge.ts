import { Command } from 'commander'
import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { type JudgeInput, judgeInputSchema } from '../judges/index.ts'
import { decodeUtf8, parseJson, readLines } from '../training-data/index.ts'
import { openInput } from './input-file.ts'
import { type JudgeOption, judgeOption, openReader } from './judge-option.ts'

const BATCH = 64
const MAX_LINE_BYTES = 32 * 1024 * 1024

const lineSchema = z.intersection(z.object({ id: z.union([z.string(), z.number()]) }), judgeInputSchema)

/** `assay judge [FILE]`: one judgement a line, in the order of the input. */
export function judgeCommand(): Command {
  return new Command('judge')
    .description('Judge texts or conversations: JSON lines {id, text} or {id, messages} in, judgements out.')
    .argument('[file]', 'a file of JSON lines; standard input where there is none')
    .addOption(judgeOption())
    .addHelpText(
      'after',
      '\nSeverity is 0 to 7; probability is that of severity 4 or more. Exit code: 0 all judged, 2 wrong usage or an invalid line, 3 the judge did not answer.',
    )
    .action(async (file: string | undefined, options: JudgeOption) => {
      const input = file === undefined ? undefined : await openInput(file)
      const judge = await openReader(options.judge)
      try {
        let batch: { id: string | number; input: JudgeInput }[] = []
        const flush = async () => {
          if (batch.length === 0) return
          const judgements = await judge.judge(batch.map((entry) => entry.input))
          const lines = batch.map((entry, index) => {
            const { judged, severity, probability, refusal, delivered } = judgements[index] ?? missing()
            return JSON.stringify({ id: entry.id, judged, severity, probability, refusal, delivered })
          })
          batch = []
          await write(`${lines.join('\n')}\n`)
        }
        const chunks = input?.createReadStream() ?? process.stdin
        for await (const { number, bytes, tooLong } of readLines(chunks, MAX_LINE_BYTES)) {
          const entry = tooLong ? undefined : parseLine(bytes)
          if (entry === 'blank') continue
          if (!entry) {
            await flush()
            throw tooLong ? lineTooLong(number) : invalidLine(number)
          }
          batch.push(entry)
          if (batch.length === BATCH) await flush()
        }
        await flush()
      } finally {
        await judge.close()
      }
    })
}

function parseLine(bytes: Uint8Array): { id: string | number; input: JudgeInput } | 'blank' | undefined {
  const text = decodeUtf8(bytes)
  if (text?.trim() === '') return 'blank'
  const parsed = lineSchema.safeParse(parseJson(text ?? ''))
  if (!parsed.success) return undefined
  const { id, ...input } = parsed.data
  return { id, input }
}

function invalidLine(line: number): AssayError {
  return new AssayError('invalid_line', `Line ${line} is not {"id", "text"} or {"id", "messages"} in UTF-8.`, {
    status: 400,
  })
}

function lineTooLong(line: number): AssayError {
  return new AssayError('line_too_long', `Line ${line} is longer than ${MAX_LINE_BYTES} bytes.`, { status: 400 })
}

/** Waits where the reader of standard output is slower than the judge. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())))
}

function missing(): never {
  throw new TypeError('the judge gave no judgement')
}
