import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LocalModel } from 'assay/conversations'
import { normaliseAdapter } from '../adapters/index.ts'
import { catalogueModel, fileDigest, locations, openBaseModel } from '../catalogue/index.ts'
import { LlamaCppEngine } from '../engines/index.ts'

/**
 * An adapter on disk, stacked on its base model and served as a deployed one is, for `assay evaluate --model-dir`.
 *
 * @param base of the catalogue
 * @throws {AssayError} `model_not_found`, or why the adapter is not taken
 */
export async function openLocalModel(path: string, base = 'smollm2-135m-aligned'): Promise<LocalModel> {
  const model = catalogueModel(base)
  const where = locations()
  const scratch = await mkdtemp(join(tmpdir(), 'assay-model-'))
  const adapterPath = join(scratch, 'adapter.gguf')
  const engine = new LlamaCppEngine()
  const close = async () => {
    await engine.close()
    await rm(scratch, { recursive: true, force: true })
  }
  try {
    await normaliseAdapter(path, base, adapterPath)
    const { ggufPath, alignmentAdapterPath, digest } = await openBaseModel(model, where)
    const sha256 = await fileDigest(adapterPath)
    const paths = [alignmentAdapterPath, adapterPath].flatMap((adapter) => (adapter ? [{ path: adapter }] : []))
    const loaded = await engine.load({ basePath: ggufPath, adapters: paths, contextLength: model.contextLength })
    return {
      chat: (messages, options) => loaded.chat(messages, options),
      sha256,
      tier: model.tier,
      baseModel: { name: base, digest },
      adapterPath,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
