import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AssayError } from 'assay/errors'
import { parseJson } from 'assay/training-data'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { MAX_ADAPTER_BYTES } from '../adapters/index.ts'
import { parseFormFields, unknownParameter } from './form-fields.ts'
import { importFields } from './schemas/import.ts'

/** Files of the form, by the name that the adapter's reader knows them by. */
const FILES: Readonly<Record<string, string>> = {
  adapter: 'adapter.gguf',
  adapter_config: 'adapter_config.json',
  adapter_model: 'adapter_model.safetensors',
  attestation: 'attestation.json',
}
const MAX_ATTESTATION_BYTES = 64 * 1024

export interface ReceivedImport {
  readonly fields: z.infer<typeof importFields>
  /** Holds the adapter, in the clear, under names of ours. */
  readonly folder: string
  readonly attestation: unknown
  remove(): Promise<void>
}

/** Streams a form into a folder of its own under `scratch`; of one that is not right nothing is left. */
export async function receiveImport(request: FastifyRequest, scratch: string): Promise<ReceivedImport> {
  const root = await mkdtemp(join(scratch, 'import-'))
  const remove = () => rm(root, { recursive: true, force: true })
  try {
    const folder = await mkdtemp(join(root, 'adapter-'))
    const fields: Record<string, string> = {}
    const came = new Set<string>()
    for await (const part of request.parts({ limits: { files: 4, fileSize: MAX_ADAPTER_BYTES } })) {
      if (part.type === 'field') {
        fields[part.fieldname] = String(part.value)
        continue
      }
      const name = Object.hasOwn(FILES, part.fieldname) ? FILES[part.fieldname] : undefined
      if (name === undefined || came.has(part.fieldname)) throw unknownParameter(part.fieldname)
      came.add(part.fieldname)
      const path = join(part.fieldname === 'attestation' ? root : folder, name)
      await pipeline(part.file, createWriteStream(path, { mode: 0o600, flags: 'wx' }))
      if (part.file.truncated) throw tooLarge(part.fieldname)
    }
    if (!came.has('adapter') && !came.has('adapter_model')) throw missingAdapter()
    const attestation = came.has('attestation') ? await readAttestation(join(root, FILES.attestation ?? '')) : undefined
    return { fields: parseFormFields(importFields, fields), folder, attestation, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What is no JSON is no attestation either, and counts for nothing: `null` is told as malformed. */
async function readAttestation(path: string): Promise<unknown> {
  const content = await readFile(path)
  if (content.length > MAX_ATTESTATION_BYTES) throw tooLarge('attestation')
  return parseJson(content.toString('utf8')) ?? null
}

function missingAdapter(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'adapter'.", {
    status: 400,
    param: 'adapter',
    remedy: 'Send a GGUF adapter as `adapter`, or the files of a PEFT folder as `adapter_config` and `adapter_model`.',
  })
}

function tooLarge(param: string): AssayError {
  const most = param === 'attestation' ? '64 KB' : `${MAX_ADAPTER_BYTES / 1024 / 1024} MB`
  return new AssayError('file_too_large', `'${param}' may have ${most}.`, { status: 413, param })
}
