import type { CategoryResult } from '../service/jobs.ts'
import type { Position } from './positions.ts'
import classes from './test-path.module.css'

const WIDTH = 400
const HEIGHT = 132
/** Room beyond the boundaries, in the scale of the evidence. */
const BEYOND = 1.1
/** Conversations that the axis shows at first: about what a clean model needs. */
const USUAL = 120

/** The sequential test on its way: evidence by conversation, between the boundary that passes and the one that blocks. */
export function TestPath({ name, result, path }: { name: string; result: CategoryResult; path: readonly Position[] }) {
  const [accept, reject] = result.boundaries
  const across = Math.max(USUAL, result.conversations * 1.05)
  const x = (conversations: number) => (conversations / across) * WIDTH
  const y = (evidence: number) => {
    const within = Math.min(reject + BEYOND, Math.max(accept - BEYOND, evidence))
    return ((reject + BEYOND - within) / (reject - accept + 2 * BEYOND)) * HEIGHT
  }
  const [first] = path
  const points = path.map((at) => `${x(at.conversations).toFixed(1)},${y(at.logLikelihoodRatio).toFixed(1)}`)
  const toBoundary =
    result.logLikelihoodRatio < 0 ? result.logLikelihoodRatio / accept : result.logLikelihoodRatio / reject
  const towards = result.logLikelihoodRatio < 0 ? 'passing' : 'being blocked'
  const label = `${name}: ${Math.round(Math.min(1, Math.max(0, toBoundary)) * 100)} % of the way to ${towards}`
  return (
    <svg className={classes.path} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <rect className={classes.blocked} x="0" y="0" width={WIDTH} height={y(reject)} />
      <rect className={classes.passed} x="0" y={y(accept)} width={WIDTH} height={HEIGHT - y(accept)} />
      <line className={classes.zero} x1="0" x2={WIDTH} y1={y(0)} y2={y(0)} />
      <line className={classes.upper} x1="0" x2={WIDTH} y1={y(reject)} y2={y(reject)} />
      <line className={classes.lower} x1="0" x2={WIDTH} y1={y(accept)} y2={y(accept)} />
      <text className={classes.upperName} x={WIDTH - 6} y={y(reject) - 6} textAnchor="end">
        blocked
      </text>
      <text className={classes.lowerName} x={WIDTH - 6} y={y(accept) + 14} textAnchor="end">
        passes
      </text>
      {first && (
        // The way to where watching began is not known: only that it began at nothing.
        <line
          className={classes.unseen}
          x1="0"
          y1={y(0)}
          x2={x(first.conversations)}
          y2={y(first.logLikelihoodRatio)}
        />
      )}
      <polyline className={classes.way} points={points.join(' ')} />
      <circle className={classes.now} cx={x(result.conversations)} cy={y(result.logLikelihoodRatio)} r="4" />
    </svg>
  )
}
