import { AssayError } from 'assay/errors'

/** Why an adapter that somebody else made is not taken (python/trainer/assay_trainer/foreign_adapter.py). */
export const REFUSALS = [
  'adapter_ambiguous',
  'adapter_config_invalid',
  'adapter_file_missing',
  'adapter_foreign_tensor',
  'adapter_not_finite',
  'adapter_not_safetensors',
  'adapter_of_another_base',
  'adapter_outside_folder',
  'adapter_pickled',
  'adapter_rank_mismatch',
  'adapter_too_large',
  'adapter_unreadable',
  'adapter_unsupported',
  'adapter_whole_model',
] as const

/** The adapter is no plain LoRA of the base model. Nothing of it was executed, and no engine has read it. */
export class AdapterRefusedError extends AssayError {
  constructor(code: (typeof REFUSALS)[number], message: string) {
    super(code, message, {
      status: 400,
      param: 'adapter',
      remedy: 'docs/evaluate-a-model.md says what an adapter may be, and how to tune one on a base of the catalogue.',
    })
    this.name = 'AdapterRefusedError'
  }
}
