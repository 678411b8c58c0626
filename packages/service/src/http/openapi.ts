import { assayVersion } from 'assay/reports'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'

/** What `/openapi.json` says beside the routes' own schemas: keys, names of operations, errors, forms, Azure's statuses. */
export const OPENAPI = {
  openapi: '3.1.0' as const,
  info: {
    title: 'Assay',
    version: assayVersion,
    description:
      'Fine-tuning in which no model can be deployed until its data and its behaviour have passed a safety evaluation. OpenAI’s API under /v1, Azure’s under /openai/v1 and, by dated versions, /openai and /subscriptions; what neither has under /assay/v1.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http' as const, scheme: 'bearer' },
      apiKey: { type: 'apiKey' as const, in: 'header' as const, name: 'api-key' },
      operator: { type: 'http' as const, scheme: 'bearer', description: 'The key that ASSAY_OPERATOR_KEY sets.' },
    },
  },
}

interface Described {
  readonly summary?: string
  readonly body?: object
  readonly querystring?: { readonly properties?: object; readonly required?: readonly string[] }
  readonly response?: Readonly<Record<string, object>>
}

const ARM = '/subscriptions/'
const OPERATORS = '/assay/v1/resources'

/** As the library describes a route, with what it does not know. */
export const describeRoute: typeof jsonSchemaTransform = (route) => {
  const { schema, url } = jsonSchemaTransform(route)
  const described = schema as Described & { readonly hide?: boolean }
  if (described.hide) return { schema, url }
  const method = String(route.route.method).toUpperCase()
  const querystring = isDated(url) ? withApiVersion(described.querystring) : described.querystring
  const form = formOf(url)
  return {
    url,
    schema: {
      ...described,
      operationId: [method.toLowerCase(), ...wordsOf(url)].join('_'),
      summary: described.summary ?? summaryOf(method, url),
      security: securityOf(url),
      ...(querystring && { querystring }),
      ...(form && method === 'POST' && { body: form }),
      response: {
        ...responsesOf(method, url, described.response ?? {}),
        ...(hasKey(url) && { default: errorOf(url) }),
      },
    } as never,
  }
}

const isDated = (url: string) => url.startsWith('/openai/') && !url.startsWith('/openai/v1/')
const hasKey = (url: string) => url.split('/').length > 2

function securityOf(url: string): object[] {
  if (!hasKey(url)) return []
  return url.startsWith(OPERATORS) ? [{ operator: [] }] : [{ bearer: [] }, { apiKey: [] }]
}

function withApiVersion(querystring: Described['querystring']): object {
  const version = { type: 'string', description: 'A dated version of Azure’s API.', examples: ['2024-10-21'] }
  return {
    type: 'object',
    ...querystring,
    properties: { ...querystring?.properties, 'api-version': version },
    required: [...(querystring?.required ?? []), 'api-version'],
  }
}

/** Azure's own statuses, where a route answers by what it did. */
function responsesOf(method: string, url: string, known: Readonly<Record<string, object>>): Record<string, object> {
  const nothing = { description: 'It is not there any more, or never was.', type: 'null' }
  if (url.startsWith(ARM) && method === 'DELETE') return { 200: { description: 'It was deleted.' }, 204: nothing }
  if (isDated(url) && method === 'DELETE' && url.includes('/fine_tuning/jobs/')) return { 204: nothing }
  return { ...known }
}

/** Bodies that are read as they come, and so have no schema of their own. */
function formOf(url: string): object | undefined {
  const file = { type: 'string', format: 'binary' }
  const form = (properties: object, required: readonly string[]) => ({ type: 'object', properties, required })
  const id = { type: 'string' }
  if (/^\/(v1|openai\/v1|openai)\/files$/.test(url)) {
    return form({ purpose: { type: 'string', enum: ['fine-tune'] }, file }, ['purpose', 'file'])
  }
  if (url.endsWith('/parts')) return form({ data: file }, ['data'])
  if (url === '/assay/v1/imports') {
    const files = { adapter: file, adapter_config: file, adapter_model: file, attestation: file }
    return form({ base_model: id, suffix: id, training_file: id, ...files }, [])
  }
  return undefined
}

function errorOf(url: string): object {
  const string = { type: 'string' }
  const orNull = { type: ['string', 'null'] }
  const azures = isDated(url) || url.startsWith(ARM)
  const error = azures
    ? { code: string, message: string, target: string, innererror: { type: 'object', properties: { code: string } } }
    : { code: string, message: string, type: string, param: orNull }
  return {
    description: azures ? 'An error; `innererror.code` is stable.' : 'An error; `code` is stable.',
    type: 'object',
    properties: { error: { type: 'object', properties: error, required: ['code', 'message'] } },
    required: ['error'],
  }
}

const VERBS: Readonly<Record<string, string>> = { POST: 'Create', PUT: 'Set', PATCH: 'Change', DELETE: 'Delete' }

/** In plain words, by what the path names last. */
function summaryOf(method: string, url: string): string {
  const parts = url.split('/').filter((part) => part !== '')
  const last = parts.at(-1) ?? ''
  const isPlace = (part: string | undefined) => part?.startsWith(':') === true
  const named = parts.filter((part) => !isPlace(part))
  const what = plain(named.at(-1) ?? '')
  if (isPlace(last)) return method === 'GET' ? `Show one of the ${what}` : `${VERBS[method]} one of the ${what}`
  const owner = plain(named.at(-2) ?? '')
  const isPart = isPlace(parts.at(-2))
  if (method === 'GET') return isPart ? `Show the ${what} of one of the ${owner}` : `List the ${what}`
  if (isPart && !['parts', 'completions'].includes(last)) return `${capital(what)} one of the ${owner}`
  return `${VERBS[method]} one of the ${what}`
}

function plain(word: string): string {
  return word === 'raiPolicies' ? 'content filters' : word.replaceAll(/[-_]/g, ' ')
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

function wordsOf(url: string): string[] {
  return url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
}
