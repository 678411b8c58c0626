import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { AssayError } from 'assay/errors'
import { errorBody } from './errors/index.ts'
import { surfaceOf } from './surface.ts'

/** Answers what Node could not read as a request; by hand, for there is no request to reply to. `path`: where it is known. */
export function answerClientError(error: Error, socket: Socket, path: string | undefined): void {
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET' || socket.destroyed) return
  const told = clientError((error as NodeJS.ErrnoException).code)
  if (socket.writable) {
    const body = JSON.stringify(errorBody(told, surfaceOf(path ?? '')))
    const heading = `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status]}`
    socket.write(
      `${heading}\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${body}`,
    )
  }
  socket.destroy(error)
}

function clientError(code: string | undefined): AssayError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AssayError('request_timeout', 'The request took too long to arrive.', { status: 408 })
    case 'HPE_HEADER_OVERFLOW':
      return new AssayError('headers_too_large', 'The headers of your request are too large.', { status: 431 })
    case 'HPE_INVALID_EOF_STATE':
      return new AssayError('incomplete_body', 'Your request was cut off.', { status: 400, remedy: 'Send it again.' })
    default:
      return new AssayError('invalid_request', 'What was sent is no HTTP request.', { status: 400 })
  }
}
