export { type FilePage, type FilePurpose, Files, type NewFile, type ReceivedContent, type StoredFile } from './files.ts'
export { lockResource } from './lock-resource.ts'
export type { ApiKey, Resource } from './resource.ts'
export { invalidApiKey, Resources } from './resources.ts'
