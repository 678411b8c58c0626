import { dirname, resolve } from 'node:path'
import { Option } from 'commander'
import { AssayError } from '../errors/index.ts'
import {
  BUILT_IN,
  calibrated,
  type Judge,
  type JudgeCalibration,
  type JudgeConfiguration,
  judgeConfigurationSchema,
  parseCalibration,
  type Reader,
  readerOf,
} from '../judges/index.ts'
import { parseJson } from '../training-data/index.ts'
import { readInput } from './input-file.ts'
import { shippedJudge } from './shipped-judge.ts'

export interface JudgeOption {
  readonly judge: string
}

/** `--judge`: the judge that ships, or a file that names another (docs/other-judges.md). */
export function judgeOption(): Option {
  return new Option('--judge <judge>', `${BUILT_IN}, or a JSON file that configures another judge`).default(BUILT_IN)
}

/** To judge with, or to measure: a calibration that the file names is not read, nor need it be there yet. */
export async function openReader(judge: string): Promise<Reader> {
  return judge === BUILT_IN ? shippedJudge() : configuredReader(await readConfiguration(judge))
}

/**
 * To gate with.
 * @throws {AssayError} `judge_not_calibrated`, `calibration_of_another_judge`
 */
export async function openJudge(judge: string): Promise<Judge> {
  if (judge === BUILT_IN) return shippedJudge()
  const configuration = await readConfiguration(judge)
  if (configuration.calibration === undefined) {
    throw new AssayError('judge_not_calibrated', `The judge of ${judge} has no measured error, so it cannot decide.`, {
      status: 400,
      remedy: `Measure it with \`assay calibrate --judge ${judge} …\`, and name the result in ${judge} as "calibration".`,
    })
  }
  const path = resolve(dirname(judge), configuration.calibration)
  const calibration = await readCalibration(path)
  const reader = await configuredReader(configuration)
  if (calibration.judge?.name === reader.name && calibration.judge.digest === reader.digest) {
    return calibrated(reader, calibration)
  }
  await reader.close()
  throw new AssayError(
    'calibration_of_another_judge',
    `${path} holds the measured error of ${calibration.judge?.name ?? 'a judge that it does not name'}${calibration.judge?.name === reader.name ? ' in another version or configuration' : ''}, not of the ${reader.name} that ${judge} configures.`,
    { status: 400, remedy: `Measure this one with \`assay calibrate --judge ${judge} …\`.` },
  )
}

function configuredReader(configuration: JudgeConfiguration): Promise<Reader> {
  return readerOf(configuration, { environment: process.env, loadBuiltIn: shippedJudge })
}

async function readConfiguration(path: string): Promise<JudgeConfiguration> {
  // Editors on Windows put a byte order mark in front.
  const json = parseJson((await readInput(path)).replace(/^\uFEFF/, ''))
  const parsed = judgeConfigurationSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const faults =
    json === undefined
      ? ['It is not JSON']
      : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new AssayError('invalid_judge_configuration', `${path} does not configure a judge. ${faults.join('; ')}.`, {
    status: 400,
    remedy: 'docs/other-judges.md has an example of each judge.',
  })
}

async function readCalibration(path: string): Promise<JudgeCalibration> {
  const json = await readInput(path)
  try {
    return parseCalibration(json)
  } catch (cause) {
    throw new AssayError('invalid_calibration', `${path} is not the calibration of a judge.`, {
      status: 400,
      cause,
      remedy: '`assay calibrate` writes one.',
    })
  }
}
