import { AssayError } from 'assay/errors'

export function fileTooLarge(): AssayError {
  return new AssayError('file_too_large', 'A file may have 512 MB.', { status: 413, param: 'file' })
}
