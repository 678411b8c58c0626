import { join } from 'node:path'
import { ROOT } from '../installation/index.ts'

/** Folders of what is not code. Base models are checked by a pinned digest, attestations by their signature; the digest of the judge stands in each verdict. */
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
