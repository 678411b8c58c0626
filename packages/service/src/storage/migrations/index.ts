import type { Migration } from 'kysely/migration'
import { firstTables } from './2026-11-24-first-tables.ts'
import { verdictsAndAttempts } from './2026-11-24-verdicts-and-attempts.ts'
import { imports } from './2026-11-25-imports.ts'
import { methodOfAJob } from './2026-11-25-method-of-a-job.ts'
import { reports } from './2026-11-25-reports.ts'
import { abandonedEvaluations } from './2026-11-26-abandoned-evaluations.ts'
import { pausedJobs } from './2026-11-26-paused-jobs.ts'
import { tokensOfACheckpoint } from './2026-11-26-tokens-of-a-checkpoint.ts'
import { uploads } from './2026-11-28-uploads.ts'
import { contentFilters } from './2026-11-29-content-filters.ts'

/** In the order of their names, which is the order in which they run. Never change one that was released. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '2026-11-24-first-tables': firstTables,
  '2026-11-24-verdicts-and-attempts': verdictsAndAttempts,
  '2026-11-25-imports': imports,
  '2026-11-25-method-of-a-job': methodOfAJob,
  '2026-11-25-reports': reports,
  '2026-11-26-abandoned-evaluations': abandonedEvaluations,
  '2026-11-26-paused-jobs': pausedJobs,
  '2026-11-26-tokens-of-a-checkpoint': tokensOfACheckpoint,
  '2026-11-28-uploads': uploads,
  '2026-11-29-content-filters': contentFilters,
}
