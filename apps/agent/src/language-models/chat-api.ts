/**
 * Chat API: `/v1/chat/completions`, `/v1/embeddings` and `/v1/models` in the form of the widespread chat API, so that its
 * clients work with a device unchanged. An answer streams by server-sent events.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ChatRequest, type ChatTiming, EmbeddingsRequest, textOfContent } from '@skerry/contract/language-models/chat'
import { parseJson } from '@skerry/core/values/parse-json'
import { HTTP_STATUS } from '@skerry/inference/host/failure'
import type { BodyReader } from '@skerry/inference/rest/oip-body'
import type * as z from 'zod'
import type { LanguageHost, ServedLanguage } from './language-host.ts'
import type { Generated, Generation } from './language-message.ts'
import { promptMessages, type SlotFailure } from './language-slot.ts'

type Exchange = { request: IncomingMessage; response: ServerResponse; readBody: BodyReader }

type ApiFailure = { ok: false; code: string; message: string }

const STATUS: Readonly<Record<string, number>> = {
  ...HTTP_STATUS,
  prompt_too_long: 400,
  schema_refused: 400,
  embeddings_refused: 400,
  // Not 500: clients repeat those by themselves, and a greedy answer stays the same.
  schema_broken: 422,
}

/** Answers one request. Never rejects. */
export async function answerChat(host: LanguageHost, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const [path] = (request.url ?? '').split('?')
  try {
    if (path === '/v1/models') listModels(host, exchange)
    else if (path === '/v1/chat/completions') await complete(host, exchange)
    else if (path === '/v1/embeddings') await embed(host, exchange)
    else
      sendFailure(response, { ok: false, code: 'route_unknown', message: 'no such path: GET /v1/models lists models' })
  } catch {
    if (!response.headersSent) sendFailure(response, { ok: false, code: 'model_failed', message: 'the device failed' })
    else response.destroy()
  }
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

const errorBody = ({ code, message }: ApiFailure) => ({
  error: { message, type: (STATUS[code] ?? 500) < 500 ? 'invalid_request_error' : 'server_error', code },
})

function sendFailure(response: ServerResponse, failure: ApiFailure): void {
  const status = STATUS[failure.code] ?? 500
  sendJson(response, status, errorBody(failure), status === 429 || status === 503 ? { 'retry-after': '1' } : {})
}

function listModels(host: LanguageHost, { request, response }: Exchange): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuseMethod(response, 'GET')
    return
  }
  const data = host.served().map(({ name, version, sinceMs }) => ({
    id: name,
    object: 'model',
    created: Math.floor(sinceMs / 1_000),
    owned_by: 'skerry',
    version,
  }))
  sendJson(response, 200, { object: 'list', data })
}

function refuseMethod(response: ServerResponse, allow: string): void {
  const failure = { ok: false, code: 'method_refused', message: `use ${allow} on this path` } as const
  sendJson(response, 405, errorBody(failure), { allow })
}

async function readBodyAs<Body>(
  { request, response, readBody }: Exchange,
  schema: z.ZodType<Body>,
): Promise<Body | undefined> {
  if (request.method !== 'POST') {
    refuseMethod(response, 'POST')
    return undefined
  }
  const body = await readBody(request, 0)
  if (!body.ok) {
    sendFailure(response, body)
    return undefined
  }
  const parsed = schema.safeParse(parseJson(Buffer.from(body.data).toString('utf8')))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.') ?? ''
  const code = place.startsWith('response_format') ? 'schema_refused' : 'input_invalid'
  sendFailure(response, { ok: false, code, message: `${place || 'the body'}: ${issue?.message ?? 'is invalid'}` })
  return undefined
}

/** A model by its name, or by `name:version`, as a device serves one version of a name. */
function findModel(host: LanguageHost, wanted: string): ServedLanguage | ApiFailure {
  const [name = '', version] = wanted.split(':')
  const served = host.find(name)
  if (!served) return { ok: false, code: 'model_unknown', message: `the language model '${name}' is not served here` }
  if (version === undefined || version === served.version) return served
  const message = `model '${name}' is served in version ${served.version}, not ${version}`
  return { ok: false, code: 'version_unknown', message }
}

const isMissing = (found: ServedLanguage | ApiFailure): found is ApiFailure => 'code' in found

/** Requests of one connection, or of one named user, share a turn. */
const callerOf = ({ socket }: IncomingMessage, user: string | null | undefined): string =>
  user ? `user ${user}` : `${socket.remoteAddress}:${socket.remotePort}`

/** The caller is gone before the answer is complete. */
function leaving(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.on('close', () => response.writableFinished || gone.abort())
  // The code is loaded with the first request, and its caller may be gone by then.
  if (response.destroyed) gone.abort()
  return gone.signal
}

/** The generation of a request, with the defaults of the version. */
export function generationOf({ slot: { settings } }: Pick<ServedLanguage, 'slot'>, chat: ChatRequest): Generation {
  const { messages, temperature, top_p: topP, seed, stop, response_format: format } = chat
  const texts = messages.map(({ role, content }) => ({
    role: role === 'developer' ? ('system' as const) : role,
    text: textOfContent(content),
  }))
  return {
    messages: promptMessages(settings, texts),
    maxTokens: chat.max_completion_tokens ?? chat.max_tokens ?? settings.answerTokens,
    temperature: temperature ?? 0,
    topP: topP ?? 1,
    seed: seed ?? undefined,
    stop: typeof stop === 'string' ? [stop] : (stop ?? []),
    schema: schemaOf(format, settings.schema),
    isFresh: false,
  }
}

/** A request may ask for text although the version has a schema. */
function schemaOf(format: ChatRequest['response_format'], usual: Generation['schema']): Generation['schema'] {
  if (!format) return usual
  return format.type === 'json_schema' ? format.json_schema.schema : undefined
}

const usageOf = ({ promptTokens, answerTokens }: Generated) => ({
  prompt_tokens: promptTokens,
  completion_tokens: answerTokens,
  total_tokens: promptTokens + answerTokens,
})

const timingOf = ({ firstTokenMs, totalMs, answerTokens }: Generated): ChatTiming => ({
  firstTokenMs,
  totalMs,
  tokensPerSecond: totalMs > 0 ? (answerTokens * 1_000) / totalMs : 0,
})

const finishOf = ({ finish }: Generated) => (finish === 'length' ? 'length' : 'stop')

async function complete(host: LanguageHost, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const gone = leaving(response)
  const chat = await readBodyAs(exchange, ChatRequest)
  if (!chat) return
  const served = findModel(host, chat.model)
  if (isMissing(served)) return sendFailure(response, served)
  const terms = { caller: callerOf(request, chat.user), signal: gone }
  const wish = generationOf(served, chat)
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1_000),
    model: served.name,
    system_fingerprint: `${served.name}:${served.version}`,
  }
  if (chat.stream) return stream(served, { exchange, wish, terms, head, hasUsage: chat.stream_options?.include_usage })
  const answer = await served.slot.generate({ ...wish, isWhole: true }, terms, () => {})
  if (!answer.ok) return sendFailure(response, answer)
  const message = { role: 'assistant', content: answer.text }
  sendJson(response, 200, {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
    timing: timingOf(answer),
  })
}

type Streaming = {
  exchange: Exchange
  wish: Generation
  terms: { caller: string; signal: AbortSignal }
  head: object
  hasUsage: boolean | undefined
}

/** A caller that does not read must not fill the memory. */
const UNREAD_BYTES_MAX = 1024 * 1024

async function stream(served: ServedLanguage, { exchange, wish, terms, head, hasUsage }: Streaming): Promise<void> {
  const { response } = exchange
  const send = (body: object) => void response.write(`data: ${JSON.stringify(body)}\n\n`)
  const chunk = (delta: object, finish: string | null = null) =>
    send({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
  // The first text decides: a request that is rejected before it gets a status, not an event.
  let hasBegun = false
  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
    chunk({ role: 'assistant', content: '' })
  }
  const answer = await served.slot.generate(wish, terms, (text) => {
    begin()
    chunk({ content: text })
    if (response.writableLength > UNREAD_BYTES_MAX) response.destroy()
  })
  if (!answer.ok) return endStream(response, answer, hasBegun)
  begin()
  chunk({}, finishOf(answer))
  if (hasUsage) {
    send({ ...head, object: 'chat.completion.chunk', choices: [], usage: usageOf(answer), timing: timingOf(answer) })
  }
  response.end('data: [DONE]\n\n')
}

function endStream(response: ServerResponse, failure: SlotFailure, hasBegun: boolean): void {
  if (!hasBegun) sendFailure(response, failure)
  else if (!response.destroyed) response.end(`data: ${JSON.stringify(errorBody(failure))}\n\n`)
}

async function embed(host: LanguageHost, exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const gone = leaving(response)
  const wish = await readBodyAs(exchange, EmbeddingsRequest)
  if (!wish) return
  const served = findModel(host, wish.model)
  if (isMissing(served)) return sendFailure(response, served)
  const texts = typeof wish.input === 'string' ? [wish.input] : wish.input
  const answer = await served.slot.embed(texts, { caller: callerOf(request, wish.user), signal: gone })
  if (!answer.ok) return sendFailure(response, answer)
  const isBase64 = wish.encoding_format === 'base64'
  const data = answer.vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector,
  }))
  const usage = { prompt_tokens: answer.promptTokens, total_tokens: answer.promptTokens }
  sendJson(response, 200, { object: 'list', model: served.name, data, usage })
}
