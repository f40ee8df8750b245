/** Language exchange: one chat request to a device over a stream of bytes, and the parts of its answer. */
import { type IncomingMessage, request as startRequest } from 'node:http'
import type { Duplex } from 'node:stream'
import type { AskPart, AskQuestion } from '@skerry/contract/language-models/asking'
import { ChatTiming, ChatUsage } from '@skerry/contract/language-models/chat'
import { parseJson } from '@skerry/core/values/parse-json'
import * as z from 'zod'

type Asked = { model: string; question: AskQuestion; device: string }

export type Refused = { ok: false; code: string; message: string }
export type AskAnswer = { ok: true; parts: AsyncGenerator<AskPart, void> } | Refused

/** Sends the request. Resolves when the device has begun to answer, or has rejected the request. */
export async function askOver(stream: Duplex, asked: Asked, signal: AbortSignal): Promise<AskAnswer> {
  try {
    const response = await send(stream, asked, signal)
    if (response.statusCode === 200) return { ok: true, parts: partsOf(response, asked.device) }
    const refused = Failed.safeParse(parseJson(await wholeOf(response)))
    if (refused.success) return { ok: false, ...refused.data.error }
    return { ok: false, code: 'model_failed', message: `the device answered with status ${response.statusCode}` }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, code: 'model_failed', message: `the device did not answer: ${message}`.slice(0, 500) }
  }
}

const bodyOf = ({ model, question: { messages, maxTokens, temperature, stop, schema } }: Asked) => ({
  model,
  messages: messages.map(({ role, text }) => ({ role, content: text })),
  stream: true,
  stream_options: { include_usage: true },
  ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  ...(temperature !== undefined && { temperature }),
  ...(stop && { stop }),
  ...(schema && { response_format: { type: 'json_schema', json_schema: { schema } } }),
})

function send(stream: Duplex, asked: Asked, signal: AbortSignal): Promise<IncomingMessage> {
  const body = JSON.stringify(bodyOf(asked))
  const headers = { host: 'device', 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const request = startRequest({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { ...headers, connection: 'close' },
      createConnection: () => asSocket(stream),
      signal,
    })
    request.once('response', resolve)
    request.once('error', reject)
    request.once('close', () => stream.destroy())
    request.end(body)
  })
}

/** [Node, http.ClientRequest] Calls these methods of a socket. */
function asSocket(stream: Duplex): Duplex {
  const nothing = () => stream
  const methods = { setKeepAlive: nothing, setNoDelay: nothing, setTimeout: nothing, ref: nothing, unref: nothing }
  return Object.assign(stream, methods)
}

/** The answer of a rejected request is short. */
const REFUSAL_BYTES_MAX = 64 * 1024

async function wholeOf(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const piece of response.setEncoding('utf8')) {
    text += piece
    if (text.length > REFUSAL_BYTES_MAX) break
  }
  return text
}

const Failed = z.object({ error: z.object({ code: z.string().max(64), message: z.string() }) })

const Chunk = z.object({
  system_fingerprint: z.string().optional(),
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().optional() }), finish_reason: z.string().nullable() }),
  ),
  usage: ChatUsage.optional(),
  timing: ChatTiming.optional(),
})

/** An event has some tokens. A longer one comes from no agent. */
const EVENT_CHARACTERS_MAX = 256 * 1024

async function* eventsOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const piece of response.setEncoding('utf8')) {
    const events = `${rest}${piece}`.split('\n\n')
    rest = events.pop() ?? ''
    if (rest.length > EVENT_CHARACTERS_MAX) return
    for (const event of events) if (event.startsWith('data: ')) yield event.slice('data: '.length)
  }
}

async function* partsOf(response: IncomingMessage, device: string): AsyncGenerator<AskPart, void> {
  let finish: 'stop' | 'length' = 'stop'
  try {
    for await (const event of eventsOf(response)) {
      if (event === '[DONE]') return
      const json = parseJson(event)
      const failed = Failed.safeParse(json)
      if (failed.success) {
        yield { kind: 'failed', ...failed.data.error }
        return
      }
      const chunk = Chunk.parse(json)
      const [choice] = chunk.choices
      if (choice?.finish_reason === 'length') finish = 'length'
      if (choice?.delta.content) yield { kind: 'text', text: choice.delta.content }
      const end = endOf(chunk, { device, finish })
      if (end) yield end
    }
    yield { kind: 'failed', code: 'answer_lost', message: 'the answer of the device broke off' }
  } catch {
    yield { kind: 'failed', code: 'answer_lost', message: 'the answer of the device broke off' }
  } finally {
    response.destroy()
  }
}

type End = { device: string; finish: 'stop' | 'length' }

function endOf({ usage, timing, system_fingerprint }: z.infer<typeof Chunk>, { device, finish }: End) {
  if (!usage || !timing) return undefined
  return {
    kind: 'done' as const,
    device: device as Extract<AskPart, { kind: 'done' }>['device'],
    version: Number(system_fingerprint?.split(':')[1] ?? 1),
    finish,
    promptTokens: usage.prompt_tokens,
    answerTokens: usage.completion_tokens,
    firstTokenMs: timing.firstTokenMs,
    totalMs: timing.totalMs,
  }
}
