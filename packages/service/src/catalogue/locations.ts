import { join } from 'node:path'
import { ROOT } from '../installation/index.ts'

/** Folders of what is not code. Everything read from them is checked by a pinned digest or a signature. */
export interface Locations {
  /** Fetched at set-up: base models, the judge's encoder. */
  readonly assets: string
  /** What we trained ourselves: the judge's heads, the alignment adapter, attestations. */
  readonly weights: string
  readonly objectives: string
  /** The portal as built at set-up; where it was not, there is none at `/`. */
  readonly portal: string
}

export function locations(assets: string | undefined = process.env.ASSAY_ASSETS): Locations {
  return {
    assets: assets ?? join(ROOT, '.assay', 'assets'),
    weights: join(ROOT, 'weights'),
    objectives: join(ROOT, 'objectives'),
    portal: join(ROOT, '.assay', 'portal'),
  }
}
