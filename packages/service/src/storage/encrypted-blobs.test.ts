import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Blobs } from './blobs.ts'
import { CHUNK_BYTES } from './chunk-cipher.ts'
import { openEncryptedBlobs } from './encrypted-blobs.ts'

let directory: string
let blobs: Blobs
const key = randomBytes(32)

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assay-blobs-'))
  blobs = await openEncryptedBlobs(directory)
})
afterEach(() => rm(directory, { recursive: true }))

async function* stream(content: Buffer, size = 50_000) {
  for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size)
}

async function read(id: string, withKey: Uint8Array = key): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of blobs.get(withKey, id)) parts.push(part)
  return Buffer.concat(parts)
}

test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES, 1_000_003])(
  '%i bytes come back as they were',
  async (bytes) => {
    const content = randomBytes(bytes)
    const stored = await blobs.put(key, stream(content))
    expect(stored.bytes).toBe(bytes)
    expect((await read(stored.id)).equals(content)).toBe(true)
  },
)

test('the disk never holds the content', async () => {
  const { id } = await blobs.put(key, stream(Buffer.from('a secret sentence '.repeat(10_000))))
  expect((await readFile(join(directory, id))).includes('secret sentence')).toBe(false)
})

test.each([20, 60, CHUNK_BYTES + 100, -1])('a changed byte at %i is refused', async (at) => {
  const { id } = await blobs.put(key, stream(randomBytes(3 * CHUNK_BYTES)))
  const bytes = await readFile(join(directory, id))
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
  await writeFile(join(directory, id), bytes)
  await expect(read(id)).rejects.toMatchObject({ code: 'blob_damaged' })
})

test.each([10, 40, 48, 3 * CHUNK_BYTES, 2 * (CHUNK_BYTES + 16) + 40])('cut off at %i is refused', async (at) => {
  const { id } = await blobs.put(key, stream(randomBytes(3 * CHUNK_BYTES)))
  await writeFile(join(directory, id), (await readFile(join(directory, id))).subarray(0, at))
  await expect(read(id)).rejects.toMatchObject({ code: 'blob_damaged' })
})

test("another resource's key does not open it", async () => {
  const { id } = await blobs.put(key, stream(randomBytes(100)))
  await expect(read(id, randomBytes(32))).rejects.toMatchObject({ code: 'blob_damaged' })
})

test('content that breaks off leaves nothing', async () => {
  async function* broken() {
    yield randomBytes(200_000)
    throw new Error('cut off')
  }
  await expect(blobs.put(key, broken())).rejects.toThrow('cut off')
  expect(await readdir(directory)).toEqual([])
})

test('a sweep takes what a crash left and keeps the rest', async () => {
  const kept = await blobs.put(key, stream(randomBytes(10)))
  await blobs.put(key, stream(randomBytes(10)))
  await writeFile(join(directory, 'x.partial'), 'x')
  await blobs.sweep(async (id) => id === kept.id)
  expect(await readdir(directory)).toEqual([kept.id])
})

test('one that is gone is an error of whoever reads it, and of nobody else', async () => {
  const { id } = await blobs.put(key, stream(randomBytes(10)))
  await blobs.delete(id)
  const content = blobs.get(key, id)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const drained = (async () => {
    for await (const part of content) expect(part).toBeUndefined()
  })()
  await expect(drained).rejects.toMatchObject({ code: 'ENOENT' })
})
