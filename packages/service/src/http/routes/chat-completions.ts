import { randomInt } from 'node:crypto'
import { AssayError } from 'assay/errors'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ChatRequest } from '../../deployments/index.ts'
import { chatChunks, wholeCompletion } from '../chat-reply.ts'
import { type ChatBody, chatBody, chatCompletion, refuseUnsupported } from '../schemas/chat.ts'
import { text } from '../schemas/text.ts'
import { sendEvents } from '../server-sent-events.ts'
import type { Surface } from '../surface.ts'
import type { Routes } from './routes.ts'

const DEFAULT_MAX_TOKENS = 512
const params = z.object({ deployment: text })
const tags = ['chat']

export const chatRoutes: Routes = async (app, { services, surface }) => {
  const response = { 200: chatCompletion }

  const answer = async (request: FastifyRequest, reply: FastifyReply, target: string, body: ChatBody) => {
    refuseUnsupported(body)
    const gone = new AbortController()
    const parts = services.chat.reply(request.resource, chatRequest(body, target, surface, gone.signal))
    reply.raw.on('close', () => {
      gone.abort()
      // A stream that nobody began to read ends nothing by itself, and would hold the model for ever.
      parts.return(undefined).catch(() => {})
    })
    if (!body.stream) return wholeCompletion(parts, target)
    const includeUsage = body.stream_options?.include_usage === true
    return sendEvents(reply, await chatChunks(parts, { model: target, includeUsage, surface }))
  }

  if (surface === 'azure_dated') {
    const schema = { tags, params, body: chatBody, response }
    app.post(
      '/deployments/:deployment/chat/completions',
      { schema },
      (request, reply) => answer(request, reply, request.params.deployment, request.body) as never,
    )
    return
  }
  app.post('/chat/completions', { schema: { tags, body: chatBody, response } }, (request, reply) => {
    if (!request.body.model) throw missingModel()
    return answer(request, reply, request.body.model, request.body) as never
  })
}

function chatRequest(body: ChatBody, target: string, surface: Surface, signal: AbortSignal): ChatRequest {
  return {
    target,
    byModel: surface === 'openai',
    messages: body.messages.map(({ role, content }) => ({
      role: role === 'developer' ? 'system' : role,
      content: typeof content === 'string' ? content : (content ?? []).map((part) => part.text).join(''),
    })),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? DEFAULT_MAX_TOKENS,
    temperature: body.temperature ?? 1,
    topP: body.top_p ?? 1,
    stop: [body.stop ?? []].flat(),
    seed: body.seed ?? randomInt(2 ** 31),
    streamed: body.stream === true,
    signal,
  }
}

function missingModel(): AssayError {
  return new AssayError('missing_required_parameter', "Missing required parameter: 'model'.", {
    status: 400,
    param: 'model',
  })
}
