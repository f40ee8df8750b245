/**
 * Remote language: a language model that the server of an app answers for, over the widespread chat API. To its slot it
 * is a process. The server streams each answer, so that a silence is noticed, and a caller who leaves ends the work.
 */
import { Agent, type IncomingMessage } from 'node:http'
import type { ChatModel } from '@skerry/contract/language-models/chat-model'
import { awayMessage } from '@skerry/inference/remote/remote-model'
import type { Generated, Generation, LanguageFailure } from './language-message.ts'
import type { Embedded, GenerationResult, LanguageProcess, OpenedLanguage } from './language-process.ts'
import { createAnswerReader, type RemoteAnswer, readEmbeddings, serverMessage } from './remote-answer.ts'
import { RemoteAway, readWhole, sendRemote } from './remote-request.ts'

export type RemoteLanguage = { host: string; port: number; chat: ChatModel }

type Remote = RemoteLanguage & { agent: Agent }

/** A server answers the list of its models at once. */
const READY_MS = 10_000

/** Resolves when the server answers. Rejects only when the signal fires. */
export async function openRemoteLanguage(place: RemoteLanguage, signal: AbortSignal): Promise<OpenedLanguage> {
  const remote: Remote = { ...place, agent: new Agent({ keepAlive: true }) }
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_MS)])
  try {
    const response = await sendRemote(remote, { method: 'GET', path: '/v1/models' }, limit)
    await readWhole(response)
    if (response.statusCode === 200) return { ok: true, process: processOf(remote) }
    return refused(remote, unreadyMessage(response.statusCode ?? 0))
  } catch (error) {
    signal.throwIfAborted()
    return refused(remote, awayMessage(wordsOf(error)))
  }
}

function refused({ agent }: Remote, message: string): OpenedLanguage {
  agent.destroy()
  return { ok: false, message }
}

/** [llama.cpp, tools/server] 503 while the model is being loaded. */
const unreadyMessage = (status: number): string =>
  status >= 500
    ? awayMessage(`GET /v1/models has the status ${status}`)
    : `GET /v1/models has the status ${status}; the server of the app has no such API`

function processOf(remote: Remote): LanguageProcess {
  const { promise: ended, resolve: end } = Promise.withResolvers<string>()
  const over = new AbortController()
  return {
    pid: undefined,
    ended,
    generate: (wish, onText, signal) => generate(remote, wish, onText, AbortSignal.any([signal, over.signal])),
    embed: (texts, signal) => embed(remote, texts, AbortSignal.any([signal, over.signal])),
    async stop() {
      over.abort()
      remote.agent.destroy()
      end('it was stopped')
    },
  }
}

async function generate(
  remote: Remote,
  wish: Generation,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<GenerationResult> {
  const startMs = performance.now()
  const reader = createAnswerReader(onText)
  try {
    const path = '/v1/chat/completions'
    const response = await sendRemote(remote, { method: 'POST', path, body: chatBody(remote.chat.model, wish) }, signal)
    if (response.statusCode !== 200) return await failureOf(response)
    await reader.read(response)
    const { problem, ...answer } = reader.answer()
    if (problem !== undefined) return { ok: false, code: 'model_failed', message: `the server of the app: ${problem}` }
    return { ok: true, ...timed(answer, startMs) }
  } catch (error) {
    // The part so far is the answer of a caller who left.
    if (signal.aborted) return { ok: true, ...timed({ ...reader.answer(), finish: 'cancelled' }, startMs) }
    return { ok: false, code: error instanceof RemoteAway ? 'model_unready' : 'model_failed', message: wordsOf(error) }
  }
}

const timed = (
  { text, finish, promptTokens, answerTokens, firstTextAtMs }: Omit<RemoteAnswer, 'problem'>,
  startMs: number,
): Generated => {
  const totalMs = performance.now() - startMs
  const firstTokenMs = firstTextAtMs === undefined ? totalMs : firstTextAtMs - startMs
  return { text, finish, promptTokens, answerTokens, firstTokenMs, totalMs }
}

/** Fields without a value are left out, because some servers reject null. */
const chatBody = (model: string, { messages, maxTokens, temperature, topP, seed, stop, schema }: Generation) => ({
  model,
  messages: messages.map(({ role, text }) => ({ role, content: text })),
  max_tokens: maxTokens,
  temperature,
  top_p: topP,
  stream: true,
  stream_options: { include_usage: true },
  ...(seed !== undefined && { seed }),
  ...(stop.length > 0 && { stop }),
  ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } }),
})

async function embed(remote: Remote, texts: readonly string[], signal: AbortSignal): Promise<Embedded> {
  try {
    const body = { model: remote.chat.model, input: texts, encoding_format: 'float' }
    const response = await sendRemote(remote, { method: 'POST', path: '/v1/embeddings', body }, signal)
    if (response.statusCode !== 200) {
      const failure = await failureOf(response)
      return failure.code === 'model_unready' ? failure : { ...failure, code: NO_EMBEDDINGS }
    }
    const read = readEmbeddings(await readWhole(response), texts.length)
    if (read) return { ok: true, ...read }
    return { ok: false, code: 'model_failed', message: 'the server of the app answered no embeddings' }
  } catch (error) {
    return { ok: false, code: error instanceof RemoteAway ? 'model_unready' : 'model_failed', message: wordsOf(error) }
  }
}

/** The caller learns it as of a model of the device itself. */
const NO_EMBEDDINGS: LanguageFailure['code'] = 'embeddings_refused'

/** A server that is busy or loads again is not ready. A rejected request is mostly one with too long a prompt. */
async function failureOf(response: IncomingMessage): Promise<LanguageFailure> {
  const status = response.statusCode ?? 0
  const words = serverMessage(await readWhole(response)) ?? `the status ${status}`
  const message = `the server of the app answered: ${words}`
  if (status === 503 || status === 429) return { ok: false, code: 'model_unready', message }
  return { ok: false, code: /context|too (long|large)/i.test(words) ? 'prompt_too_long' : 'model_failed', message }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500)
