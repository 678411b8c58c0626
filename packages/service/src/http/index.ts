export { buildApp } from './app.ts'
export type { HttpServices } from './http-services.ts'
export { importOrigin } from './import-from-url.ts'
