export { Endpoint, type EndpointOptions } from './endpoint.ts'
export { EndpointUnavailableError, ReplyInvalidError, RequestRefusedError } from './errors.ts'
