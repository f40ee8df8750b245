/** Language models of an app: a slot whose process is an HTTP server of somebody else. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ChatModel } from '@skerry/contract/language-models/chat-model'
import { LanguageSettings } from '@skerry/contract/language-models/language-model'
import { systemClock } from '@skerry/platform/process/clock'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LanguageSlot, openLanguageSlot } from './language-slot.ts'
import { openRemoteLanguage } from './remote-language.ts'

type Handler = (body: Record<string, unknown>, response: ServerResponse) => void

const { signal } = new AbortController()
const terms = { caller: 'one', signal }
const settings = LanguageSettings.parse({ system: 'Be brief.' })
const wish = {
  messages: [{ role: 'user' as const, text: 'pump' }],
  maxTokens: 8,
  temperature: 0,
  topP: 1,
  seed: 7,
  stop: [],
  schema: undefined,
  isFresh: true,
}

let answerWith: Handler
let paths: string[]
let server: ReturnType<typeof createServer>
let slot: LanguageSlot

const send = (response: ServerResponse, status: number, body: object) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const event = (response: ServerResponse, body: unknown) => void response.write(`data: ${JSON.stringify(body)}\n\n`)
const part = (content: string, finish: string | null = null) => ({
  choices: [{ delta: { content }, finish_reason: finish }],
})

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  paths.push(request.url ?? '')
  if (request.url === '/v1/models') return send(response, 200, { object: 'list', data: [] })
  let text = ''
  for await (const piece of request) text += piece
  answerWith(JSON.parse(text), response)
}

const port = () => (server.address() as AddressInfo).port

/** A busy machine gets long for each answer. Only a server that hangs is given up soon. */
async function openSlot(deadlineMs = 60_000): Promise<LanguageSlot> {
  const chat = ChatModel.parse({ v: 1, app: 'writer', model: 'small' })
  const open = (stop: AbortSignal) => openRemoteLanguage({ host: '127.0.0.1', port: port(), chat }, stop)
  const opened = await openLanguageSlot(
    { open, answersMax: 1, settings, queueMax: 2, deadlineMs, clock: systemClock },
    signal,
  )
  if (!opened.ok) throw new Error(opened.message)
  return opened.slot
}

beforeEach(async () => {
  paths = []
  server = createServer((request, response) => void serve(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  slot = await openSlot()
})
afterEach(async () => {
  await slot.close()
  server.closeAllConnections()
  server.close()
})

test('an answer streams with its counts, and the request has the wish of the caller', async () => {
  let asked: Record<string, unknown> = {}
  answerWith = (body, response) => {
    asked = body
    response.write(': a comment\r\n\r\n')
    event(response, { choices: [{ delta: { role: 'assistant', content: null }, finish_reason: null }] })
    event(response, part('Bearing '))
    event(response, part('warm.', 'length'))
    event(response, { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } })
    response.end('data: [DONE]\n\n')
  }
  const schema = { type: 'boolean' } as const
  const texts: string[] = []
  const answer = await slot.generate({ ...wish, schema }, terms, (text) => texts.push(text))
  expect(answer).toMatchObject({ ok: true, text: 'Bearing warm.', finish: 'length', promptTokens: 5, answerTokens: 2 })
  expect(texts).toEqual(['Bearing ', 'warm.'])
  expect(asked).toMatchObject({
    model: 'small',
    messages: [{ role: 'user', content: 'pump' }],
    max_tokens: 8,
    seed: 7,
    stream: true,
    response_format: { type: 'json_schema', json_schema: { schema } },
  })
  expect(asked).not.toHaveProperty('stop')
  expect(slot.figures()).toMatchObject({ answers: 1 })
})

test('golden prompts go through the server, with the instructions of the version', async () => {
  const asked: unknown[] = []
  answerWith = ({ messages }, response) => {
    asked.push(messages)
    event(response, part('Bearing warm.', 'stop'))
    response.end('data: [DONE]\n\n')
  }
  const prompt = { prompt: 'State?', answer: 'Bearing', answerTokens: 4 }
  expect(await slot.prove([prompt], signal)).toEqual({ ok: true })
  expect(await slot.prove([{ ...prompt, answer: 'Motor' }], signal)).toMatchObject({ code: 'golden_mismatch' })
  expect(asked[0]).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'State?' },
  ])
})

test.each<[string, Handler, string, string]>([
  [
    'a prompt that is too long',
    (_, response) => send(response, 400, { error: { message: 'request exceeds the available context size' } }),
    'prompt_too_long',
    'context size',
  ],
  [
    'a server that is busy',
    (_, response) => send(response, 503, { error: 'Loading model' }),
    'model_unready',
    'Loading',
  ],
  ['a refusal', (_, response) => send(response, 500, { error: { message: 'boom' } }), 'model_failed', 'boom'],
  [
    'an error in the stream',
    (_, response) => {
      event(response, part('a'))
      event(response, { error: { message: 'out of memory' } })
      response.end()
    },
    'model_failed',
    'out of memory',
  ],
  [
    'a stream that ends early',
    (_, response) => {
      event(response, part('a'))
      response.end()
    },
    'model_failed',
    'ended before',
  ],
  [
    'a stream of something else',
    (_, response) => void response.end('data: <html>\n\n'),
    'model_failed',
    'no part of an answer',
  ],
])('%s fails with words', async (_, handler, code, words) => {
  answerWith = handler
  const answer = await slot.generate(wish, terms, () => {})
  expect(answer).toMatchObject({ ok: false, code, message: expect.stringContaining(words) })
})

test('a server that hangs fails with words', async () => {
  answerWith = () => {}
  const hasty = await openSlot(500)
  const answer = await hasty.generate(wish, terms, () => {})
  await hasty.close()
  expect(answer).toMatchObject({ ok: false, code: 'deadline_passed', message: expect.stringContaining('no progress') })
})

test('a caller who leaves ends the request at the server', async () => {
  let isClosed = false
  const leaving = new AbortController()
  answerWith = (_, response) => {
    response.on('close', () => {
      isClosed = true
    })
    event(response, part('a'))
  }
  const answered = slot.generate(wish, { caller: 'one', signal: leaving.signal }, () => leaving.abort())
  expect(await answered).toMatchObject({ ok: false, code: 'request_cancelled' })
  await until(() => isClosed, { what: 'the server to see the end' })
})

test('embeddings come in the order of the texts, and a server without them is named', async () => {
  answerWith = (_, response) =>
    send(response, 200, {
      data: [
        { index: 1, embedding: [2] },
        { index: 0, embedding: [1] },
      ],
      usage: { prompt_tokens: 3 },
    })
  expect(await slot.embed(['a', 'b'], terms)).toEqual({ ok: true, vectors: [[1], [2]], promptTokens: 3 })
  expect(await slot.embed(['a'], terms)).toMatchObject({ ok: false, code: 'model_failed' })
  answerWith = (_, response) => send(response, 501, { error: { message: 'start it with --embeddings' } })
  expect(await slot.embed(['a'], terms)).toMatchObject({ code: 'embeddings_refused' })
})

test('a server that is away, or has another API, is told apart before anything is loaded', async () => {
  const chat = ChatModel.parse({ v: 1, app: 'writer', model: 'small' })
  const openAt = (at: number) => openRemoteLanguage({ host: '127.0.0.1', port: at, chat }, signal)
  const other = createServer((_, response) => void response.writeHead(404).end())
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port: place } = other.address() as AddressInfo
  expect(await openAt(place)).toMatchObject({ ok: false, message: expect.stringContaining('no such API') })
  other.closeAllConnections()
  await new Promise((resolve) => other.close(resolve))
  expect(await openAt(place)).toMatchObject({ ok: false, message: expect.stringContaining('is away') })
})
