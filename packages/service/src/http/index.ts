export { buildApp } from './app.ts'
export type { HttpServices } from './http-services.ts'
