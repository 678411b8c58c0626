import { createHash, randomBytes } from 'node:crypto'

/** A new key of 256 random bits. Keys are random, so a plain SHA-256 hides them as well as a slow hash would. */
export function newApiKey(): string {
  return `sk-assay-${randomBytes(32).toString('base64url')}`
}

/** What is stored of a key. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
