export { apiError } from './api-error.ts'
export { errorBody, isFaultyFile } from './error-body.ts'
export { fileTooLarge } from './file-too-large.ts'
