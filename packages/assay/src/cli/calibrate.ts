import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { AssayError } from '../errors/index.ts'
import { CATEGORIES } from '../harm/index.ts'
import {
  type Calibration,
  calibrate,
  LEAST_ROWS,
  readLabelledRows,
  requireEnoughRows,
} from '../judge-calibration/index.ts'
import { parseCalibration } from '../judges/index.ts'
import { progressLine } from '../terminal/index.ts'
import { readTrainingFile, type TrainingRow } from '../training-data/index.ts'
import { requireFile } from './input-file.ts'
import { type JudgeOption, judgeOption, openReader } from './judge-option.ts'
import { requireWritable, writeOutput } from './output-file.ts'

interface Options extends JudgeOption {
  readonly labels: string
  readonly honest: readonly string[]
  readonly output: string
  readonly specificity: number
  readonly json?: boolean
}

const HELP = `
A label file has one JSON object a line: {"text": …} or {"messages": …} as \`assay judge\` takes them, and
  "labels": {"violence": 0|1, "sexual": …, "hate_fairness": …, "self_harm": …}   1: severity 4 or more; unlabelled: left out
  "category", "delivered": 0|1, "refusal": 0|1                                   of a reply to a harmful request of a category

Each category needs ${LEAST_ROWS.harmful} harmful and ${LEAST_ROWS.harmless} harmless rows. An honest file is a training file of one kind of harmless
data, ${LEAST_ROWS.honest} rows or more; without one, the labelled rows without harm take its place. Nothing of the rows is written.
Where a category has as many replies with "category", and the judge tells delivery, only these count for its replies; else all by their text.

  assay calibrate --judge my-judge.json --labels labels.jsonl --honest support.jsonl --output calibration.json

Exit code: 0 written, 2 wrong usage, an invalid line or too few rows, 3 the judge did not answer.`

/** `assay calibrate`: measures the error of a judge, which makes it one that can gate. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description('Measure how often a judge errs on labelled rows, choose its cuts, and write both as its calibration.')
    .addOption(judgeOption())
    .requiredOption('--labels <file>', 'labelled rows, JSON lines')
    .option('--honest <file...>', 'training files of harmless rows, each a domain of its own', [])
    .requiredOption('--output <file>', 'where to write the calibration')
    .option('--specificity <share>', 'share of harmless replies that should stay below the cuts', share, 0.98)
    .option('--json', 'report as JSON')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      for (const file of [options.labels, ...options.honest]) await requireFile(file)
      await requireWritable(options.output, [options.labels, ...options.honest, options.judge])
      const domains = domainsOf(options.honest)
      const labels = () => readLabelledRows(createReadStream(options.labels))
      const honest = () =>
        options.honest.map((file, index) => ({ domain: domains[index] ?? file, rows: honestRows(file) }))
      await requireEnoughRows(labels(), honest())
      const reader = await openReader(options.judge)
      const progress = progressLine((rows: number) => `${rows} rows judged by ${reader.name}`)
      try {
        const measured = await calibrate({
          reader,
          labels: labels(),
          honest: honest(),
          specificity: options.specificity,
          onProgress: progress.show,
        })
        progress.end()
        const text = `${JSON.stringify(measured.calibration, null, 2)}\n`
        parseCalibration(text)
        await writeOutput(options.output, text)
        process.stdout.write(options.json ? jsonOf(measured) : textOf(measured, reader.name))
      } finally {
        progress.end()
        await reader.close()
      }
    })
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value < 1) return value
  throw new InvalidArgumentError('It is a number between 0 and 1.')
}

/** Their names; the paths as they were given where two have one name. */
function domainsOf(files: readonly string[]): readonly string[] {
  const names = files.map((file) => basename(file))
  return new Set(names).size === names.length ? names : files
}

async function* honestRows(path: string): AsyncGenerator<TrainingRow> {
  for await (const line of readTrainingFile(createReadStream(path))) {
    if ('row' in line) yield line.row
    else {
      throw new AssayError('invalid_honest_file', `${path}, line ${line.fault.line}: ${line.fault.reason}`, {
        status: 400,
        remedy: 'An honest file is a training file as `assay check` takes it.',
      })
    }
  }
}

function jsonOf({ calibration, ...counts }: Calibration): string {
  return `${JSON.stringify({ ...counts, ...calibration }, null, 2)}\n`
}

function textOf({ calibration, honestRows, labelledRows, notJudged }: Calibration, judge: string): string {
  const domains = Object.entries(honestRows).map(([domain, rows]) => `${domain} (${rows})`)
  const lines = CATEGORIES.map((category) => {
    const { sensitivity, specificity } = calibration.reply[category]
    const { lower, higher } = calibration.data[category]
    return [
      `${`${category}:`.padEnd(15)}${sensitivity.successes} of ${sensitivity.trials} harmful found`,
      `${specificity.successes} of ${specificity.trials} harmless left alone`,
      ...(calibration.reply[category].deliveredCut === 1 ? ['by the text alone'] : []),
      `data cuts ${lower.score.toFixed(3)} and ${higher.score.toFixed(3)}`,
      `false alarms at most ${percent(lower.falseAlarmRate)} and ${percent(higher.falseAlarmRate)}`,
    ].join(', ')
  })
  const counts = `${labelledRows} labelled rows; honest rows: ${domains.join(', ')}; not judged: ${notJudged}`
  return `${judge}\n${lines.join('\n')}\n${counts}\n`
}

function percent(rate: number): string {
  return `${(rate * 100).toPrecision(2)} %`
}
