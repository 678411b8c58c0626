/**
 * One API in three accents: OpenAI's (`/v1`), Azure's v1 (`/openai/v1`), Azure's dated one (`/openai` with
 * `?api-version=`), which differs in statuses, created-codes, and the shape of errors.
 */
export type Surface = 'openai' | 'azure_v1' | 'azure_dated'

export const PREFIXES: Readonly<Record<Surface, string>> = {
  openai: '/v1',
  azure_v1: '/openai/v1',
  azure_dated: '/openai',
}

export function surfaceOf(path: string): Surface {
  if (path.startsWith('/openai/v1/') || path === '/openai/v1') return 'azure_v1'
  return path.startsWith('/openai/') || path.startsWith('/subscriptions/') ? 'azure_dated' : 'openai'
}
