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
      if (!result || path.at(-1)?.conversations === result.conversations) continue
      const { conversations, logLikelihoodRatio } = result
      paths.current.set(`${arm} ${category}`, [...path, { conversations, logLikelihoodRatio }].slice(-MOST))
    }
  }
  return paths.current
}
