import { z } from 'zod'
import type { StoredFile } from '../../resources/index.ts'
import { seconds, unixSeconds } from './list.ts'
import { fileName } from './text.ts'

export const fileObject = z
  .object({
    id: z.string(),
    object: z.literal('file'),
    bytes: z.int(),
    created_at: unixSeconds,
    expires_at: unixSeconds.nullable(),
    filename: z.string(),
    purpose: z.enum(['fine-tune', 'fine-tune-results']),
    status: z.literal('processed'),
    status_details: z.string().nullable(),
  })
  .meta({ id: 'File' })

export function showFile(file: StoredFile): z.infer<typeof fileObject> {
  return {
    id: file.id,
    object: 'file',
    bytes: file.bytes,
    created_at: seconds(file.createdAt),
    expires_at: file.expiresAt && seconds(file.expiresAt),
    filename: file.filename,
    purpose: file.purpose,
    status: 'processed',
    status_details: null,
  }
}

/** Seconds until a file expires (OpenAI's range). */
export const fileLifetime = z.int().min(3_600).max(2_592_000)

/** The fields of an upload beside the file itself. */
export const uploadFields = z.strictObject({
  purpose: z.literal('fine-tune'),
  'expires_after[anchor]': z.literal('created_at').optional(),
  'expires_after[seconds]': z.coerce.number().pipe(fileLifetime).optional(),
})

/** A file that is fetched from an address (Azure's dated API). */
export const fileImportBody = z
  .strictObject({
    purpose: z.literal('fine-tune'),
    filename: fileName,
    content_url: z.string().max(8192),
  })
  .meta({ id: 'FileImport' })
