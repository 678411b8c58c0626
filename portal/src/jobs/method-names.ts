import type { Job } from '../service/jobs.ts'

export const METHOD_NAMES: Readonly<Record<Job['method']['type'], string>> = {
  supervised: 'Supervised: imitates conversations',
  dpo: 'Preference (DPO): prefers one output of a pair',
}
