import { Command } from 'commander'
import { z } from 'zod'
import { AssayError } from '../errors/index.ts'
import { type JudgeInput, judgeInputSchema } from '../judges/index.ts'
import { progressLine } from '../terminal/index.ts'
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
      `
Severity is 0 to 7; probability is that of severity 4 or more. A reply is judged with what comes before it.

  echo '{"id": 1, "text": "Hello."}' | assay judge

Exit code: 0 all judged, 2 wrong usage or an invalid line, 3 the judge did not answer.`,
    )
    .action(async (file: string | undefined, options: JudgeOption) => {
      const input = file === undefined ? undefined : await openInput(file)
      const judge = await openReader(options.judge)
      const progress = progressLine((count: number) => `${count} judged by ${judge.name}`)
      try {
        let batch: { id: string | number; input: JudgeInput }[] = []
        let judged = 0
        const flush = async () => {
          if (batch.length === 0) return
          judged += batch.length
          const judgements = await judge.judge(batch.map((entry) => entry.input))
          const lines = batch.map((entry, index) => {
            const { judged, severity, probability, refusal, delivered } = judgements[index] ?? missing()
            return JSON.stringify({ id: entry.id, judged, severity, probability, refusal, delivered })
          })
          batch = []
          await write(`${lines.join('\n')}\n`)
          // On the terminal the judgements themselves show how far it is.
          if (!process.stdout.isTTY) progress.show(judged)
        }
        const chunks = input?.createReadStream() ?? process.stdin
        for await (const { number, bytes, tooLong } of readLines(chunks, MAX_LINE_BYTES)) {
          const entry = tooLong ? `it is longer than ${MAX_LINE_BYTES} bytes` : parseLine(bytes)
          if (entry === 'blank') continue
          if (typeof entry === 'string') {
            // What came before it is judged all the same.
            await flush()
            throw invalidLine(number, entry)
          }
          batch.push(entry)
          if (batch.length === BATCH) await flush()
        }
        await flush()
      } finally {
        progress.end()
        await judge.close()
      }
    })
}

/** An entry, or what is wrong with the line. */
function parseLine(bytes: Uint8Array): { id: string | number; input: JudgeInput } | string {
  const text = decodeUtf8(bytes)
  if (text === undefined) return 'it is not UTF-8'
  if (text.trim() === '') return 'blank'
  const json = parseJson(text)
  if (json === undefined) return 'it is not JSON'
  const parsed = lineSchema.safeParse(json)
  if (!parsed.success) return faultOf(parsed.error.issues, json)
  const { id, ...input } = parsed.data
  return { id, input }
}

/** The deepest fault there is, of the shape that the line seems to mean. */
function faultOf(issues: readonly z.core.$ZodIssue[], json: unknown): string {
  const isObject = typeof json === 'object' && json !== null
  if (!isObject || !('id' in json)) return 'it has no "id", a text or a number'
  if (!('text' in json || 'messages' in json)) return 'it has neither "text" nor "messages"'
  const all = issues.flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]))
  const fault = all.toSorted((a, b) => b.path.length - a.path.length)[0]
  return `${fault?.path.join('.') || 'the line'}: ${fault?.message ?? 'invalid'}`
}

function invalidLine(line: number, fault: string): AssayError {
  return new AssayError('invalid_line', `Line ${line} cannot be judged: ${fault}.`, {
    status: 400,
    remedy: 'Each line is {"id": …, "text": …} or {"id": …, "messages": [{"role": …, "content": …}]}, JSON in UTF-8.',
  })
}

/** Waits where the reader of standard output is slower than the judge. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())))
}

function missing(): never {
  throw new TypeError('the judge gave no judgement')
}
