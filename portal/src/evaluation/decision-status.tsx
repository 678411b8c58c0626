import { Status } from '../elements/status.tsx'
import type { CategoryResult } from '../service/jobs.ts'

/** Of one sequential test; `over`: its evaluation has ended. */
export function DecisionStatus({ decision, over }: Pick<CategoryResult, 'decision'> & { over?: boolean }) {
  switch (decision) {
    case 'accepted':
      return <Status tone="passed">Passed</Status>
    case 'rejected':
      return <Status tone="failed">Blocked</Status>
    case 'undecided':
      return over ? <Status tone="unsure">Undecided</Status> : <Status tone="running">In progress</Status>
  }
}
