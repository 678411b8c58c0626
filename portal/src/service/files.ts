import { CATEGORIES } from 'assay/harm'
import { z } from 'zod'
import { ask, call, pageOf } from './call.ts'

const file = z.object({
  id: z.string(),
  bytes: z.number(),
  created_at: z.number(),
  expires_at: z.number().nullable(),
  filename: z.string(),
  purpose: z.enum(['fine-tune', 'fine-tune-results']),
})
export type StoredFile = z.infer<typeof file>

export function listFiles(cursor: string | undefined, limit: number, purpose?: StoredFile['purpose']) {
  const after = cursor ? `&after=${encodeURIComponent(cursor)}` : ''
  return call(pageOf(file), `/v1/files?limit=${limit}${after}${purpose ? `&purpose=${purpose}` : ''}`)
}

export function uploadFile(content: File, signal: AbortSignal, onSent: (share: number) => void) {
  const body = new FormData()
  body.append('purpose', 'fine-tune')
  body.append('file', content, content.name)
  return call(file, '/v1/files', { method: 'POST', body, signal, onSent })
}

export async function deleteFile(id: string): Promise<void> {
  await ask(`/v1/files/${encodeURIComponent(id)}`, { method: 'DELETE' })
}

export function fileOf(id: string, signal?: AbortSignal) {
  return call(file, `/v1/files/${encodeURIComponent(id)}`, { signal })
}

/** An uploaded file, under the name that it came with. */
export async function storedFile(id: string, signal?: AbortSignal): Promise<File> {
  const [{ filename }, content] = await Promise.all([fileOf(id, signal), fileContent(id, signal)])
  return new File([content], filename)
}

export async function fileContent(id: string, signal?: AbortSignal): Promise<Blob> {
  return (await ask(`/v1/files/${encodeURIComponent(id)}/content`, { signal })).blob()
}

const category = z.enum(CATEGORIES)
const finding = z.object({
  line: z.number(),
  message: z.number(),
  category,
  severity: z.number(),
  probability: z.number(),
})
export type Finding = z.infer<typeof finding>

const advice = z.object({
  kind: z.string(),
  title: z.string(),
  rows: z.number(),
  of: z.number(),
  messages: z.array(z.object({ line: z.number(), message: z.number() })),
  known: z.string(),
  source: z.string(),
  remedy: z.string(),
  measured: z.object({ files: z.number(), attacks: z.number() }),
})
export type Advice = z.infer<typeof advice>

const dataEvaluation = z.object({
  assessment: z.object({ passed: z.boolean(), failed_categories: z.array(category), message: z.string() }),
  policy: z.object({ version: z.string(), digest: z.string() }),
  judge: z.object({ name: z.string(), digest: z.string() }),
  rows: z.number(),
  not_judged: z.number(),
  findings: z.array(finding),
  findings_left_out: z.number(),
  advice: z.array(advice),
})
export type DataEvaluation = z.infer<typeof dataEvaluation>

/** The pre-check, of a file or of the id of an uploaded one: the service judges the rows, answers, and keeps nothing. */
export function evaluateFile(file: File | string, signal: AbortSignal) {
  const rows = typeof file === 'string' ? { json: { file } } : { body: file, type: 'application/jsonl' }
  return call(dataEvaluation, '/assay/v1/data-evaluations', { method: 'POST', ...rows, signal })
}
