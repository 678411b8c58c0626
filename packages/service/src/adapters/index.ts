export { AdapterRefusedError } from './adapter-refused-error.ts'
export { MAX_ADAPTER_BYTES, normaliseAdapter } from './normalise-adapter.ts'
export { writeBaseModel } from './write-base-model.ts'
