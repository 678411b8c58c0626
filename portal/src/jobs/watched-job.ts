import { createContext, use } from 'react'
import type { Positions } from '../evaluation/positions.ts'
import type { Journey } from '../service/jobs.ts'
import type { Connection } from './use-journey.ts'

/** What the page of a job hands to its parts: all of them read one stream. */
export interface WatchedJob {
  readonly journey: Journey
  readonly connection: Connection
  readonly positions: Positions
}

export const WatchedJobContext = createContext<WatchedJob | undefined>(undefined)

export function useWatchedJob(): WatchedJob {
  const watched = use(WatchedJobContext)
  if (!watched) throw new Error('Only within the page of a job.')
  return watched
}
