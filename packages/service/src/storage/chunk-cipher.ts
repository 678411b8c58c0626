import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { AssayError } from 'assay/errors'

/**
 * AES-256-GCM by chunks, so that content of any size streams: the STREAM construction (Hoang, Reyhanitabar, Rogaway
 * and Vizár 2015), laid out as in the age format (age-encryption.org/v1). Each content has a key of its own, derived
 * from the data key and a random salt; the nonce is the chunk's number and whether it is the last, so that chunks
 * cannot be swapped, dropped or cut off.
 */
const MAGIC = Buffer.from('assay-1\n')
const SALT_BYTES = 32
const TAG_BYTES = 16
export const CHUNK_BYTES = 64 * 1024

export async function* encrypt(dataKey: Uint8Array, content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT_BYTES)
  const key = contentKey(dataKey, salt)
  yield Buffer.concat([MAGIC, salt])
  let number = 0
  for await (const { chunk, last } of chunked(content, CHUNK_BYTES)) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(number++, last))
    yield Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()])
  }
}

export async function* decrypt(dataKey: Uint8Array, encrypted: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const headerBytes = MAGIC.length + SALT_BYTES
  let key: Buffer | undefined
  let number = 0
  for await (const { chunk, last } of chunked(encrypted, CHUNK_BYTES + TAG_BYTES, headerBytes)) {
    if (!key) {
      if (chunk.length < headerBytes || !chunk.subarray(0, MAGIC.length).equals(MAGIC) || last) throw damaged()
      key = contentKey(dataKey, chunk.subarray(MAGIC.length))
      continue
    }
    if (chunk.length < TAG_BYTES) throw damaged()
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(number++, last))
    decipher.setAuthTag(chunk.subarray(chunk.length - TAG_BYTES))
    try {
      const plain = Buffer.concat([decipher.update(chunk.subarray(0, -TAG_BYTES)), decipher.final()])
      if (plain.length > 0) yield plain
    } catch (cause) {
      throw damaged(cause)
    }
  }
}

function contentKey(dataKey: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, salt, 'assay content', 32))
}

function nonce(number: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUIntBE(number, 5, 6)
  bytes[11] = last ? 1 : 0
  return bytes
}

/** Regroups a stream into chunks of `size` (the first of `firstSize`); the last may be shorter, even empty. */
async function* chunked(
  stream: AsyncIterable<Uint8Array>,
  size: number,
  firstSize: number = size,
): AsyncGenerator<{ chunk: Buffer; last: boolean }> {
  let pending: Buffer[] = []
  let bytes = 0
  let wanted = firstSize
  for await (const part of stream) {
    pending.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
    bytes += part.byteLength
    if (bytes <= wanted) continue
    const whole = Buffer.concat(pending)
    let offset = 0
    while (whole.length - offset > wanted) {
      yield { chunk: whole.subarray(offset, offset + wanted), last: false }
      offset += wanted
      wanted = size
    }
    pending = [Buffer.from(whole.subarray(offset))]
    bytes = whole.length - offset
  }
  yield { chunk: Buffer.concat(pending), last: true }
}

function damaged(cause?: unknown): AssayError {
  return new AssayError('blob_damaged', 'Stored content is damaged, or its key is another one.', {
    cause,
    remedy: 'Restore it from a backup; nothing was read from it.',
  })
}
