export type { ApiKey, Resource } from './resource.ts'
export { invalidApiKey, Resources } from './resources.ts'
