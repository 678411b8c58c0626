import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AssayError } from 'assay/errors'
import { parseJson } from 'assay/training-data'
import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { AdapterRefusedError, MAX_ADAPTER_BYTES } from '../adapters/index.ts'
import { refuseUnknownModel } from '../jobs/index.ts'
import { atMost } from './at-most.ts'
import { parseFormFields, unknownParameter } from './form-fields.ts'
import { importFields } from './schemas/import.ts'

/** Files of the form, by the name that the adapter's reader knows them by, and the most bytes that each may have. */
const FILES: Readonly<Record<string, { readonly name: string; readonly most: number }>> = {
  adapter: { name: 'adapter.gguf', most: MAX_ADAPTER_BYTES },
  adapter_config: { name: 'adapter_config.json', most: 1024 * 1024 },
  adapter_model: { name: 'adapter_model.safetensors', most: MAX_ADAPTER_BYTES },
  attestation: { name: 'attestation.json', most: 64 * 1024 },
}

export interface ReceivedImport {
  readonly fields: z.infer<typeof importFields>
  /** Holds the adapter, in the clear, under names of ours. */
  readonly folder: string
  readonly attestation: unknown
  remove(): Promise<void>
}

/**
 * Streams a form into a folder of its own under `scratch`; of one that is not right nothing is left, and no more of it is
 * read than it takes to say so.
 */
export async function receiveImport(request: FastifyRequest, scratch: string): Promise<ReceivedImport> {
  const root = await mkdtemp(join(scratch, 'import-'))
  const remove = () => rm(root, { recursive: true, force: true })
  try {
    const folder = await mkdtemp(join(root, 'adapter-'))
    const fields: Record<string, string> = {}
    const came = new Set<string>()
    for await (const part of request.parts({ limits: { files: 4, fileSize: MAX_ADAPTER_BYTES + 1 } })) {
      if (part.type === 'field') {
        fields[part.fieldname] = String(part.value)
        refuseUnknownModel(parseFormFields(importFields, fields).base_model, 'base_model')
        continue
      }
      const { fieldname } = part
      const file = Object.hasOwn(FILES, fieldname) ? FILES[fieldname] : undefined
      if (file === undefined || came.has(fieldname)) throw unknownParameter(fieldname)
      came.add(fieldname)
      if (came.has('adapter') && (came.has('adapter_config') || came.has('adapter_model'))) throw twoAdapters()
      const path = join(fieldname === 'attestation' ? root : folder, file.name)
      const written = createWriteStream(path, { mode: 0o600, flags: 'wx' })
      await pipeline(part.file, (chunks) => atMost(file.most, chunks, () => tooLarge(fieldname, file.most)), written)
    }
    if (!came.has('adapter') && !came.has('adapter_model')) throw missingAdapter()
    const attestation = came.has('attestation') ? await readAttestation(join(root, 'attestation.json')) : undefined
    return { fields: parseFormFields(importFields, fields), folder, attestation, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** What is no JSON is no attestation either, and counts for nothing: `null` is told as malformed. */
async function readAttestation(path: string): Promise<unknown> {
  return parseJson(await readFile(path, 'utf8')) ?? null
}

function twoAdapters(): AssayError {
  return new AdapterRefusedError('adapter_ambiguous', 'The form holds an adapter in two forms; send one of them.')
}

function missingAdapter(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'adapter'.", {
    status: 400,
    param: 'adapter',
    remedy: 'Send a GGUF adapter as `adapter`, or the files of a PEFT folder as `adapter_config` and `adapter_model`.',
  })
}

function tooLarge(param: string, most: number): AssayError {
  const size = most < 2 ** 20 ? `${most / 2 ** 10} KB` : `${most / 2 ** 20} MB`
  return new AssayError('file_too_large', `'${param}' may have ${size}.`, { status: 413, param })
}
