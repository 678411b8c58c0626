import { ADVICE_KINDS, type AdviceKind, DataAdviser } from 'assay/data-advice'
import { jeffreysInterval } from 'assay/statistics'
import { printTable } from '../table.ts'
import { type MeasuredFile, measuredFiles } from './files.ts'

/**
 * How often honest files get each kind of advice, and how often files that were built to be attacks do. ASSAY_BENCH_DATA: the
 * folder of the labelled data sets. The last lines are what `packages/assay/src/data-advice/measured.ts` holds.
 */
export async function benchDataAdvice(): Promise<void> {
  const data = process.env.ASSAY_BENCH_DATA
  if (!data) throw new Error('Name the folder of the labelled data sets: ASSAY_BENCH_DATA=… npm run bench advice')
  const files = (await measuredFiles(data)).map((file) => ({ file, kinds: kindsOf(file) }))
  const count = (such: (each: (typeof files)[number]) => boolean) => files.filter(such).length
  const interval = (hits: number, of: number) => {
    const [low, high] = jeffreysInterval(hits, of, 0.95)
    return `${hits} of ${of} (${percent(low)}–${percent(high)} %)`
  }
  const honest = count(({ file }) => file.attack.length === 0)
  const measured = ADVICE_KINDS.map((kind) => {
    const built = ({ file }: { file: MeasuredFile }) => file.attack.includes(kind)
    return {
      kind,
      advised: count(({ kinds }) => kinds.has(kind)),

      falseAlarms: count(({ file, kinds }) => file.attack.length === 0 && kinds.has(kind)),
      found: count((each) => built(each) && each.kinds.has(kind)),
      built: count(built),
    }
  })
  printTable(
    ['kind', 'of files with it, attacks of its kind', 'of honest files, with it', 'of attacks of its kind, with it'],
    measured.map(({ kind, advised, falseAlarms, found, built }) => [
      kind,
      interval(found, advised),
      interval(falseAlarms, honest),
      interval(found, built),
    ]),
  )
  process.stdout.write('\n')
  const names = [...new Set(files.map(({ file }) => file.name))]
  printTable(
    ['files', 'number', 'kind', ...ADVICE_KINDS],
    names.map((name) => {
      const own = files.filter(({ file }) => file.name === name)
      const withIt = (kind: AdviceKind) => own.filter(({ kinds }) => kinds.has(kind)).length
      const kind = own[0]?.file.attack.length ? 'attack' : 'honest'
      return [name, String(own.length), kind, ...ADVICE_KINDS.map((each) => String(withIt(each)))]
    }),
  )
  const shipped = measured.map(({ kind, advised, found }) => [kind, { files: advised, attacks: found }])
  process.stdout.write(`\n${JSON.stringify(Object.fromEntries(shipped))}\n`)
}

function kindsOf(file: MeasuredFile): ReadonlySet<AdviceKind> {
  const adviser = new DataAdviser()
  for (const [index, row] of file.rows.entries()) adviser.add({ ...row, line: index + 1 })
  return new Set(adviser.advice().map(({ kind }) => kind))
}

const percent = (share: number) => Number((share * 100).toPrecision(2))
