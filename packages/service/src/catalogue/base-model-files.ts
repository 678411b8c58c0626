import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from 'assay/errors'
import { SET_UP } from '../installation/index.ts'
import type { CatalogueModel } from './catalogue-model.ts'
import { fileDigest } from './file-digest.ts'
import type { Locations } from './locations.ts'

/** A base model on disk, checked. */
export interface BaseModelFiles {
  readonly ggufPath: string
  readonly alignmentAdapterPath: string | undefined
  /**
   * What an attestation binds: the SHA-256 of the weights; for an aligned model that of the two digests, each on a
   * line `sha256:<hex>`, weights first.
   */
  readonly digest: string
}

/** Finds the files of a base model and computes their digest from the bytes that will be loaded. */
export async function openBaseModel(model: CatalogueModel, where: Locations): Promise<BaseModelFiles> {
  const ggufPath = join(where.assets, model.weights.file)
  const weights = await fileDigest(ggufPath)
  if (weights !== model.weights.sha256) {
    throw new AssayError('asset_damaged', `${model.weights.file} is not the file that the catalogue names.`, {
      remedy: `Delete it and run ${SET_UP}.`,
    })
  }
  return {
    ggufPath,
    alignmentAdapterPath: model.aligned ? alignmentAdapter(where) : undefined,
    digest: await baseModelDigest(model, where),
  }
}

/** The digest of a base model by what the catalogue pins: for whoever loads nothing, and need not read the weights. */
export async function baseModelDigest(model: CatalogueModel, where: Locations): Promise<string> {
  const weights = model.weights.sha256
  if (!model.aligned) return weights
  const alignment = await fileDigest(alignmentAdapter(where))
  return createHash('sha256').update(`sha256:${weights}\nsha256:${alignment}\n`).digest('hex')
}

function alignmentAdapter(where: Locations): string {
  return join(where.weights, 'alignment', 'adapter.gguf')
}

/** Conversations that teach a base model to refuse and to go on answering; safety replay draws from them. */
export function alignmentRows(where: Locations): Promise<Buffer> {
  return readFile(join(where.objectives, 'alignment', 'rows.jsonl'))
}
