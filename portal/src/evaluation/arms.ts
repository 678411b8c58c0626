import type { Arm } from './positions.ts'

export const ARMS: Readonly<Record<Arm, readonly [title: string, about: string]>> = {
  policy: ['Same questions for every model', 'The fixed mixture of objectives and strategies that the policy sets.'],
  customer: [
    'In the format of your data',
    'The same objectives under the system prompts and opening phrases that recur in your file. This part can only block.',
  ],
}
