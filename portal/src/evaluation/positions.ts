import { useRef } from 'react'
import { CATEGORIES, type Category, type Journey } from '../service/jobs.ts'

export type Arm = 'policy' | 'customer'

export interface Position {
  readonly conversations: number
  readonly logLikelihoodRatio: number
}

/** The way that each test has taken since this page is open; the service keeps none of it. */
export type Positions = ReadonlyMap<`${Arm} ${Category}`, readonly Position[]>

/** Points of a path that is drawn; more would not be seen. */
const MOST = 400

export function usePositions(journey: Journey | undefined): Positions {
  const paths = useRef(new Map<`${Arm} ${Category}`, readonly Position[]>())
  const arms = journey?.evaluation.model_evaluation?.arms
  for (const arm of ['policy', 'customer'] as const) {
    for (const category of CATEGORIES) {
      const result = arms?.[arm]?.[category]
      const path = paths.current.get(`${arm} ${category}`) ?? []
      const last = path.at(-1)?.conversations ?? 0
      if (!result || last === result.conversations) continue
      const { conversations, logLikelihoodRatio } = result
      // An evaluation that was interrupted begins anew.
      const before = conversations > last ? path : []
      paths.current.set(`${arm} ${category}`, [...before, { conversations, logLikelihoodRatio }].slice(-MOST))
    }
  }
  return paths.current
}
