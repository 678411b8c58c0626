import { createReadStream } from 'node:fs'
import { Command } from 'commander'
import { evaluateData } from '../data-evaluation/index.ts'
import { AssayError } from '../errors/index.ts'
import type { Judge } from '../judges/index.ts'
import { type CheckedFile, type CheckReport, checkInBrief, formatCheck } from '../reports/index.ts'
import { progressLine } from '../terminal/index.ts'
import { validateTrainingFile } from '../training-data/index.ts'
import { EXIT } from './exit-code.ts'
import { hashedFile } from './hashed-file.ts'
import { requireFile } from './input-file.ts'
import { type JudgeOption, judgeOption, openJudge } from './judge-option.ts'
import { requireWritable } from './output-file.ts'
import { groundOf, type ReportOption, reportOptions, writeReport } from './report-option.ts'
import { rowsOf } from './rows-of.ts'

/** `assay check FILE…`: what the data evaluation of a job would say of these files, without a server. */
export function checkCommand(): Command {
  const [format, output] = reportOptions()
  return new Command('check')
    .description('Evaluate training files as a fine-tuning job would, and name the rows that would not pass.')
    .argument('<file...>', 'training files: JSON lines, conversations or preference pairs')
    .addOption(judgeOption())
    .addOption(format)
    .addOption(output)
    .option('--show-text', 'show the text of the rows found or advised of, on this terminal only (text format)')
    .addHelpText(
      'after',
      `
  assay check train.jsonl
  assay check train.jsonl --format html --output report.html

html is one page with plots; junit and sarif are for pipelines (docs/gate-a-pipeline.md), json for programs
(docs/schemas/check-report.schema.json). None of them holds the text of a row.

Exit code: 0 passed, 1 failed, 2 wrong usage or an invalid file, 3 the evaluation could not be held.`,
    )
    .action(async (files: string[], options: JudgeOption & ReportOption & { showText?: boolean }) => {
      if (options.showText && (options.format !== 'text' || options.output)) {
        throw new AssayError(
          'show_text_needs_terminal',
          '--show-text goes with the text format on the terminal only.',
          { status: 400 },
        )
      }
      for (const file of files) await requireFile(file)
      if (options.output !== undefined) await requireWritable(options.output, [...files, options.judge])
      const startedAt = new Date()
      const judge = await openJudge(options.judge)
      try {
        const checked: CheckedFile[] = []
        for (const file of files) checked.push(await checkFile(file, judge))
        const command = ['assay', 'check', '--judge', options.judge, ...files]
        const report: CheckReport = { files: checked, ...(await groundOf(judge)), command, startedAt }
        const texts = options.showText ? await textsShown(checked) : undefined
        await writeReport(formatCheck(report, options.format, texts), checkInBrief(report), options)
        process.exitCode = Math.max(...checked.map((file) => EXIT[file.outcome]))
      } finally {
        await judge.close()
      }
    })
}

async function checkFile(path: string, judge: Judge): Promise<CheckedFile> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const reading = progressLine((bytes: number) => `${path}: ${Math.round(bytes / 1e6)} MB read`)
  const first = hashedFile(path, reading.show)
  const validation = await validateTrainingFile(first.chunks()).finally(reading.end)
  const input = { path, ...first.digest() }
  if (validation.faultCount > 0) return { ...input, seconds: seconds(), outcome: 'invalid', ...validation }
  const second = hashedFile(path)
  const progress = progressLine((rows) => `${path}: ${rows} of ${validation.rows} rows judged`)
  const evaluation = await evaluateData({ rows: rowsOf(second.chunks()), judge, onProgress: progress.show })
    .catch((error: unknown) => {
      throw notHeld(path, error)
    })
    .finally(progress.end)
  if (second.digest().sha256 !== input.sha256) throw changed(path)
  const outcome = evaluation.assessment.outcome === 'passed' ? 'passed' : 'failed'
  return { ...input, seconds: seconds(), outcome, evaluation }
}

/** The report says which bytes it speaks of: those that were validated are those that were judged. */
function changed(path: string): AssayError {
  return new AssayError('file_changed', `${path} was written to while it was checked.`, {
    status: 500,
    remedy: 'Check it again once nothing writes to it.',
  })
}

/** The remedy of a job, to try again, is of no use to whoever checks a file in a language that the judge does not read. */
function notHeld(path: string, error: unknown): unknown {
  if (!AssayError.is(error) || error.code !== 'evaluation_unavailable') return error
  const { code, message, status, cause } = error
  const ofCause = AssayError.is(cause) ? cause.remedy : undefined
  // Where the judge did answer, and reads too little of the data, the error itself says what to do.
  const remedy = cause === undefined ? error.remedy : (ofCause ?? 'Nothing is said about the data.')
  return new AssayError(code, `${path} was not evaluated: ${message}`, { status, cause, ...(remedy ? { remedy } : {}) })
}

/** The messages that findings and advice speak of, by file, line and message; for the caller's own terminal. */
async function textsShown(files: readonly CheckedFile[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const file of files) {
    if (file.outcome === 'invalid') continue
    const { findings, advice } = file.evaluation
    const advised = advice.flatMap(({ messages }) => messages)
    const lines = new Set([...findings, ...advised].map(({ line }) => line))
    for await (const row of rowsOf(createReadStream(file.path))) {
      if (!lines.has(row.line)) continue
      for (const [index, message] of row.messages.entries()) {
        texts.set(`${file.path}:${row.line}:${index}`, message.content)
      }
    }
  }
  return texts
}
