import { z } from 'zod'
import { sendTold } from './send-told.ts'
import { apiKey, signOut } from './session.ts'

/** What the service refused, in its own words. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly status: number
  readonly code: string
  readonly param: string | null
  readonly requestId: string | null

  constructor(status: number, error: z.infer<typeof errorBody>['error'], requestId: string | null) {
    super(error.message)
    this.status = status
    this.code = error.code ?? 'unknown'
    this.param = error.param ?? null
    this.requestId = requestId
  }
}

/** The service did not answer at all. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
  constructor() {
    super('The service cannot be reached. It may be restarting, or the network may be down.')
  }
}

const errorBody = z.object({
  error: z.object({ message: z.string(), code: z.string().nullish(), param: z.string().nullish() }),
})

export interface Request {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly json?: object
  readonly body?: FormData | Blob
  readonly type?: string
  readonly signal?: AbortSignal | undefined
  /** Called with the share of the body that is on its way, 0 to 1. */
  readonly onSent?: (share: number) => void
  /** Instead of the tab's own: a key that is being tried. */
  readonly key?: string
}

/** Asks the service; throws what it refused. Paths are of this origin only. */
export async function ask(path: string, request: Request = {}): Promise<Response> {
  const key = request.key ?? apiKey() ?? ''
  const headers: Record<string, string> = { authorization: `Bearer ${key}` }
  if (request.json) headers['content-type'] = 'application/json'
  if (request.type) headers['content-type'] = request.type
  const init = {
    method: request.method ?? 'GET',
    headers,
    body: request.json ? JSON.stringify(request.json) : (request.body ?? null),
    signal: request.signal ?? null,
    cache: 'no-store' as const,
  }
  const sending = request.onSent ? sendTold(path, init, request.onSent) : fetch(path, init)
  const reply = await sending.catch((error: unknown) => {
    throw error instanceof DOMException && error.name === 'AbortError' ? error : new UnreachableError()
  })
  if (reply.ok) return reply
  const told = errorBody.safeParse(await reply.json().catch(() => undefined))
  const error = told.success ? told.data.error : { message: `The service answered with status ${reply.status}.` }
  // The tab's own key was deleted meanwhile: it opens nothing any more.
  if (reply.status === 401 && key === apiKey()) signOut('This key is no longer valid.')
  throw new ServiceError(reply.status, error, reply.headers.get('x-request-id'))
}

/** Asks, and reads the answer by its schema. */
export async function call<Schema extends z.ZodType>(
  schema: Schema,
  path: string,
  request: Request = {},
): Promise<z.infer<Schema>> {
  const reply = await ask(path, request)
  return schema.parse(await reply.json())
}

/** One page of a list that goes on after a cursor. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), has_more: z.boolean() })
}
