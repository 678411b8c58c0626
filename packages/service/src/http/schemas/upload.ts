import { MAX_FILE_BYTES } from 'assay/training-data'
import { z } from 'zod'
import type { Upload, UploadPart } from '../../resources/index.ts'
import type { Surface } from '../surface.ts'
import { fileLifetime, fileObject, showFile } from './file.ts'
import { seconds, unixSeconds } from './list.ts'
import { fileName, text } from './text.ts'

export const createUploadBody = z
  .strictObject({
    bytes: z
      .int()
      .min(1)
      .max(MAX_FILE_BYTES - 1, { error: 'a file may have 512 MB' }),
    filename: fileName,
    mime_type: text.optional(),
    purpose: z.literal('fine-tune'),
    expires_after: z.strictObject({ anchor: z.literal('created_at'), seconds: fileLifetime }).optional(),
  })
  .meta({ id: 'CreateUpload' })

export const completeUploadBody = z
  .strictObject({
    part_ids: z.array(text).min(1),
    md5: z
      .string()
      .regex(/^[0-9a-f]{32}$/i, { error: '32 hexadecimal digits' })
      .optional(),
  })
  .meta({ id: 'CompleteUpload' })

export const uploadObject = z
  .object({
    id: z.string(),
    object: z.literal('upload'),
    bytes: z.int(),
    created_at: unixSeconds,
    expires_at: unixSeconds,
    filename: z.string(),
    purpose: z.literal('fine-tune'),
    status: z.enum(['pending', 'completed', 'cancelled', 'expired']),
    file: fileObject.nullable(),
  })
  .meta({ id: 'Upload' })

export function showUpload(upload: Upload): z.infer<typeof uploadObject> {
  return {
    id: upload.id,
    object: 'upload',
    bytes: upload.bytes,
    created_at: seconds(upload.createdAt),
    expires_at: seconds(upload.expiresAt),
    filename: upload.filename,
    purpose: 'fine-tune',
    status: upload.status,
    file: upload.file && showFile(upload.file),
  }
}

export const partObject = z
  .object({
    id: z.string(),
    object: z.literal('upload.part'),
    created_at: unixSeconds,
    upload_id: z.string(),
    azure_block_id: z.string().optional(),
  })
  .meta({ id: 'UploadPart' })

/** Clients of Azure's dated API complete an upload with block ids. */
export function showPart(part: UploadPart, surface: Surface): z.infer<typeof partObject> {
  return {
    id: part.id,
    object: 'upload.part',
    created_at: seconds(part.createdAt),
    upload_id: part.uploadId,
    ...(surface === 'azure_dated' && { azure_block_id: part.id }),
  }
}
