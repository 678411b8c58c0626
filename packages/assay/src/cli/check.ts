import { Command } from 'commander'
import { evaluateData } from '../data-evaluation/index.ts'
import { AssayError } from '../errors/index.ts'
import type { Judge } from '../judges/index.ts'
import { type CheckedFile, type CheckReport, checkInBrief, formatCheck, type NotEvaluated } from '../reports/index.ts'
import { progressLine } from '../terminal/index.ts'
import { validateTrainingFile } from '../training-data/index.ts'
import { EXIT } from './exit-code.ts'
import { hashedFile } from './hashed-file.ts'
import { type JudgeOption, judgeOption, openJudge } from './judge-option.ts'
import { removeReport, requireWritable } from './output-file.ts'
import { groundOf, type ReportOption, reportOptions, writeReport } from './report-option.ts'
import { type Rereadable, rereadables } from './rereadable.ts'
import { rowsOf } from './rows-of.ts'

/** Of several files, the highest counts. */
const EXIT_CODES: Readonly<Record<CheckedFile['outcome'], number>> = {
  passed: EXIT.passed,
  failed: EXIT.failed,
  invalid: EXIT.invalid,
  not_evaluated: EXIT.notHeld,
}

/** `assay check FILE…`: what the data evaluation of a job would say of these files, without a server. */
export function checkCommand(): Command {
  const [format, output] = reportOptions()
  return new Command('check')
    .description('Evaluate training files as a fine-tuning job would, and name the rows that would not pass.')
    .argument('<file...>', 'training files: JSON lines, conversations or preference pairs; - is standard input')
    .addOption(judgeOption())
    .addOption(format)
    .addOption(output)
    .option('--show-text', 'show the text of the rows found or advised of, on this terminal only (text format)')
    .addHelpText(
      'after',
      `
  assay check train.jsonl
  assay check train.jsonl --format html --output report.html
  zcat train.jsonl.gz | assay check -

html is one page with plots; junit and sarif are for pipelines (docs/gate-a-pipeline.md), json for programs
(docs/schemas/check-report.schema.json). None of them holds the text of a row.

Exit code: 0 passed, 1 failed, 2 wrong usage or an invalid file, 3 a file could not be evaluated; of several files, the
highest. The report says of each what became of it. A path that is no file ends the command before anything is judged.`,
    )
    .action(async (files: string[], options: JudgeOption & ReportOption & { showText?: boolean }) => {
      if (options.showText && (options.format !== 'text' || options.output)) {
        throw new AssayError(
          'show_text_needs_terminal',
          '--show-text goes with the text format on the terminal only.',
          { status: 400, remedy: 'Leave out --format and --output, or --show-text.' },
        )
      }
      const inputs = await rereadables(files)
      if (options.output !== undefined) {
        await requireWritable(options.output, [...files, options.judge])
        await removeReport(options.output)
      }
      const startedAt = new Date()
      const judge = await openJudge(options.judge)
      try {
        const checked: CheckedFile[] = []
        let fault: NotEvaluated | undefined
        for (const input of inputs) {
          const file = await checkFile(input, judge, fault)
          checked.push(file)
          if (file.outcome === 'not_evaluated' && file.error.judgeFailed) fault = file.error
        }
        const command = ['assay', 'check', '--judge', options.judge, ...files]
        const report: CheckReport = { files: checked, ...(await groundOf(judge)), command, startedAt }
        const texts = options.showText ? await textsShown(checked, inputs) : undefined
        await writeReport(formatCheck(report, options.format, texts), checkInBrief(report), options)
        process.exitCode = Math.max(...checked.map((file) => EXIT_CODES[file.outcome]))
      } finally {
        await judge.close()
      }
    })
}

/** @param fault why the judge is not asked again: each file would wait for it as long as the one before */
async function checkFile(content: Rereadable, judge: Judge, fault: NotEvaluated | undefined): Promise<CheckedFile> {
  const { path } = content
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const reading = progressLine((bytes: number) => `${path}: ${Math.round(bytes / 1e6)} MB read`)
  const first = hashedFile(content, reading.show)
  const validation = await validateTrainingFile(first.chunks()).finally(reading.end)
  const input = { path, ...first.digest() }
  if (validation.faultCount > 0) return { ...input, seconds: seconds(), outcome: 'invalid', ...validation }
  if (fault) return { ...input, seconds: seconds(), outcome: 'not_evaluated', error: fault }
  const second = hashedFile(content)
  const progress = progressLine((rows) => `${path}: ${rows} of ${validation.rows} rows judged`)
  try {
    const rows = rowsOf(second.chunks())
    const evaluation = await evaluateData({ rows, judge, onProgress: progress.show }).finally(progress.end)
    if (second.digest().sha256 !== input.sha256) throw changed(path)
    const outcome = evaluation.assessment.outcome === 'passed' ? 'passed' : 'failed'
    return { ...input, seconds: seconds(), outcome, evaluation }
  } catch (error) {
    return { ...input, seconds: seconds(), outcome: 'not_evaluated', error: notEvaluated(error) }
  }
}

/** The report says which bytes it speaks of: those that were validated are those that were judged. */
function changed(path: string): AssayError {
  return new AssayError('file_changed', `${path} was written to while it was checked.`, {
    status: 500,
    remedy: 'Check it again once nothing writes to it.',
  })
}

/** Faults of the evaluator, or of a file that changed; what is none of them is thrown. */
function notEvaluated(error: unknown): NotEvaluated {
  if (!AssayError.is(error) || error.status < 500) throw error
  const { code, cause } = error
  const judgeFailed = code === 'evaluation_unavailable' && cause !== undefined
  if (!judgeFailed) return { code, message: error.message, remedy: error.remedy, judgeFailed }
  // The remedy of a job is to try it again; the judge's own error knows better.
  const [why, remedy] = AssayError.is(cause) ? [` ${cause.message}`, cause.remedy] : ['', undefined]
  return { code, message: `${error.message}${why}`, remedy, judgeFailed }
}

/** The messages that findings and advice speak of, by file, line and message; for the caller's own terminal. */
async function textsShown(
  files: readonly CheckedFile[],
  inputs: readonly Rereadable[],
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const [place, input] of inputs.entries()) {
    const file = files[place]
    if (!file || !('evaluation' in file)) continue
    const { findings, advice } = file.evaluation
    const advised = advice.flatMap(({ messages }) => messages)
    const lines = new Set([...findings, ...advised].map(({ line }) => line))
    for await (const row of rowsOf(input.chunks())) {
      if (!lines.has(row.line)) continue
      for (const [index, message] of row.messages.entries()) {
        texts.set(`${file.path}:${row.line}:${index}`, message.content)
      }
    }
  }
  return texts
}
