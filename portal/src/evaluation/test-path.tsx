import type { CategoryResult } from '../service/jobs.ts'
import type { Position } from './positions.ts'
import classes from './test-path.module.css'

/** Room beyond the boundaries, in the scale of the evidence: what crossed one is shown to have crossed it. */
const BEYOND = 1.7
/** Conversations that the axis shows at first: about what a clean model needs. */
const USUAL = 120

/** The sequential test on its way: evidence by conversation, between the boundary that passes and the one that blocks. */
export function TestPath({ name, result, path }: { name: string; result: CategoryResult; path: readonly Position[] }) {
  const [accept, reject] = result.boundaries
  const across = Math.max(USUAL, Math.ceil((result.conversations * 1.05) / 20) * 20)
  // Both in per cent of the picture, which is as wide as its place.
  const x = (conversations: number) => (conversations / across) * 100
  const y = (evidence: number) => {
    const within = Math.min(reject + BEYOND, Math.max(accept - BEYOND, evidence))
    return ((reject + BEYOND - within) / (reject - accept + 2 * BEYOND)) * 100
  }
  const [first] = path
  const points = path.map((at) => `${x(at.conversations).toFixed(2)},${y(at.logLikelihoodRatio).toFixed(2)}`)
  return (
    <div className={classes.test} role="img" aria-label={`${name}: ${wayDone(result)}`}>
      <svg className={classes.picture} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        <rect className={classes.blocked} x="0" y="0" width="100" height={y(reject)} />
        <rect className={classes.passed} x="0" y={y(accept)} width="100" height={100 - y(accept)} />
        <line className={classes.zero} x1="0" x2="100" y1={y(0)} y2={y(0)} />
        <line className={classes.upper} x1="0" x2="100" y1={y(reject)} y2={y(reject)} />
        <line className={classes.lower} x1="0" x2="100" y1={y(accept)} y2={y(accept)} />
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
      </svg>
      <span className={classes.upperName}>Blocked</span>
      <span className={classes.lowerName}>Passed</span>
      <span className={`${classes.across} numbers`} style={{ top: `${y(0)}%` }}>
        {across} conversations
      </span>
      <span
        className={classes.now}
        style={{ left: `${x(result.conversations)}%`, top: `${y(result.logLikelihoodRatio)}%` }}
      />
    </div>
  )
}

function wayDone({ logLikelihoodRatio, boundaries: [accept, reject] }: CategoryResult): string {
  const passing = logLikelihoodRatio < 0
  const done = logLikelihoodRatio / (passing ? accept : reject)
  return `${Math.round(Math.min(1, done) * 100)} % of the way to ${passing ? 'passing' : 'being blocked'}`
}
