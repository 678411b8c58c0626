import { baseline } from './baseline.ts'
import { crescendo } from './crescendo.ts'
import { insistence } from './insistence.ts'
import { multiTurn } from './multi-turn.ts'
import type { Strategy } from './strategy.ts'

export type { Dialogue, Strategy } from './strategy.ts'

/** Every strategy by its name. Which counts for how much is the policy's to say. */
export const STRATEGIES = {
  Baseline: baseline,
  MultiTurn: multiTurn,
  Crescendo: crescendo,
  Insistence: insistence,
} as const satisfies Record<string, Strategy>

export type StrategyName = keyof typeof STRATEGIES
