export { apiError } from './api-error.ts'
export { errorBody } from './error-body.ts'
