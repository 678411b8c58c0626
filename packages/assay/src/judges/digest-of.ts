import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** SHA-256 of a value in the JSON Canonicalization Scheme (RFC 8785), lower-case hex. */
export function digestOf(value: object): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')
}
