import type { Attack } from './attack.ts'
import { crescendo } from './crescendo.ts'
import { pair } from './pair.ts'

export type { Attack, Attacker } from './attack.ts'

export const ATTACKS = { PAIR: pair, Crescendo: crescendo } as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS
