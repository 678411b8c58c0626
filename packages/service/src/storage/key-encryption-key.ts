import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { AssayError } from 'assay/errors'

/** Wraps the keys that encrypt customers' content. AES-256-GCM: nonce, ciphertext, tag; as Base64. */
export interface KeyEncryptionKey {
  wrap(secret: Uint8Array): string
  unwrap(wrapped: string): Buffer
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** `given` (64 hex digits or Base64 of 32 bytes) comes first; else the key is in `path`, made there at the first start. */
export async function loadKeyEncryptionKey(path: string, given?: string): Promise<KeyEncryptionKey> {
  return keyEncryptionKey(given ? parse(given, 'ASSAY_KEY_ENCRYPTION_KEY') : await readOrMake(path))
}

export function keyEncryptionKey(key: Uint8Array): KeyEncryptionKey {
  return {
    wrap(secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64')
    },
    unwrap(wrapped) {
      const bytes = Buffer.from(wrapped, 'base64')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
      } catch (cause) {
        throw new AssayError('wrong_key_encryption_key', 'The key-encryption key does not open the stored keys.', {
          cause,
          remedy: 'Start with the key that the data was stored under (ASSAY_KEY_ENCRYPTION_KEY, or its file).',
        })
      }
    },
  }
}

async function readOrMake(path: string): Promise<Buffer> {
  try {
    await writeFile(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return parse((await readFile(path, 'utf8')).trim(), path)
}

function parse(text: string, from: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (key.length === KEY_BYTES) return key
  throw new AssayError('invalid_key_encryption_key', `${from} does not hold a key of 32 bytes.`, {
    remedy: 'Give 64 hexadecimal digits, for example from `openssl rand -hex 32`.',
  })
}
