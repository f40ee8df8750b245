/**
 * Webhooks: sends a JSON request to a foreign program over HTTPS, and reads its JSON answer. A person has named the
 * address of the program. It may be slow, huge or broken, or point to a forbidden host. So everything has a limit, no
 * redirect is followed, and the connection goes to exactly the checked address.
 */
import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { rootCertificates } from 'node:tls'
import { MeasuredResult } from '@skerry/contract/deployments/analysis'
import * as z from 'zod'
import { type Address, type AllowedHost, addressProblem, hostOf, isAllowed, isPublic } from './webhook-address.ts'

export type WebhookOptions = {
  /** Signs each request, so that the receiver can verify that it comes from this hub. */
  secret?: string | undefined
  /** Allowed hosts that are not public. */
  allowed: readonly AllowedHost[]
  /** PEM of authorities that are trusted in addition to the usual ones. */
  ca?: string | undefined
  /** The address of an HTTP proxy, for servers of Git and of models. */
  proxy?: string | undefined
  clock: { nowMs(): number }
  /** Ten seconds if it is absent. */
  timeoutMs?: number
  resolve?: (host: string) => Promise<Address[]>
}

/** A message in the form for the wire. */
export type Message = { url: string; headers: Record<string, string>; payload: string }

export type Reply = { status: number; text: string }

/** `key` identifies the request: a repetition has the same key. */
export type Question = {
  url: string
  key: string
  body: object
  /** A bearer token of the receiver. */
  token?: string
}

export type Answer = { result: MeasuredResult } | { error: string }

export type Webhooks = {
  /** Never rejects: a failure is part of the answer. */
  ask(question: Question, signal: AbortSignal): Promise<Answer>
  /** Like `ask`, for a receiver of messages: the answer is not parsed. */
  tell(message: Message, signal: AbortSignal): Promise<Reply | { error: string }>
  /** Like `ask`, signed in the same way, for a receiver whose answer is not parsed. */
  send(question: Question, signal: AbortSignal): Promise<Reply | { error: string }>
  /**
   * Fetches a file from a named address, of any size. The caller reads or destroys the answer. Rejects if the address is
   * not allowed, or sends nothing for half a minute.
   */
  fetch(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage>
  /**
   * The address to which the hub may connect for this URL, also for other protocols than HTTP. Rejects if there is
   * none.
   */
  addressOf(url: URL, signal: AbortSignal): Promise<Address>
  /** The way to a server of Git or of models: like `addressOf`, or through the proxy of the operator. */
  wayTo(url: URL, signal: AbortSignal): Promise<Way>
}

export type Way = { kind: 'direct'; address: Address } | { kind: 'proxy'; proxy: string }

/**
 * A program that measures during the request should answer within this time. A slower one should measure in advance.
 */
const TIMEOUT_MS = 10_000

/** A satellite link stalls for some seconds. A server that sends nothing for so long is gone. */
const IDLE_MS = 30_000

/** Thirty-two fields are a small part of this. */
const ANSWER_BYTES_MAX = 64 * 1024

/** A plain number or boolean is `result.value`. */
const AnswerBody = z.object({
  result: z.union([MeasuredResult, z.union([z.number(), z.boolean()]).transform((value) => ({ value }))]),
})

/** Creates the client of webhooks. */
export function createWebhooks(options: WebhookOptions): Webhooks {
  return {
    addressOf: (url, signal) => checkedAddress(options, url, signal),
    wayTo: (url, signal) => wayTo(options, url, signal),
    fetch: (url, headers, signal) => fetchFile(options, { url, headers }, signal),
    async ask(question, signal) {
      const reply = await tell(options, messageOf(options, question), signal)
      return 'error' in reply ? reply : readAnswer(reply)
    },
    tell: (message, signal) => tell(options, message, signal),
    send: (question, signal) => tell(options, messageOf(options, question), signal),
  }
}

async function fetchFile(
  options: WebhookOptions,
  { url, headers }: { url: URL; headers: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const address = await checkedAddress(options, url, signal)
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    const asking = request(url, {
      ...connectionOf(options, address),
      headers: { 'user-agent': 'skerry-hub', ...headers },
      signal,
      timeout: IDLE_MS,
    })
    asking.on('timeout', () => asking.destroy(new Error(`nothing came for ${IDLE_MS / 1_000} s`)))
    asking.on('error', reject)
    asking.on('response', resolve)
    asking.end()
  })
}

/** The name was looked up once and checked. A second lookup might return another machine. */
const connectionOf = ({ ca }: WebhookOptions, address: Address): RequestOptions =>
  ({
    agent: false,
    lookup: (_host, { all }, done) => (all ? done(null, [address]) : done(null, address.address, address.family)),
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
  }) as RequestOptions

function messageOf({ secret, clock }: WebhookOptions, { url, key, body, token }: Question): Message {
  const payload = JSON.stringify(body)
  const signed = secret === undefined ? {} : { 'skerry-signature': signatureOf(secret, payload, clock.nowMs()) }
  const authorised = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return { url, headers: { 'idempotency-key': key, ...signed, ...authorised }, payload }
}

async function tell(
  options: WebhookOptions,
  message: Message,
  signal: AbortSignal,
): Promise<Reply | { error: string }> {
  const limit = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS)
  try {
    return await post(options, message, AbortSignal.any([signal, limit]))
  } catch (error) {
    if (limit.aborted)
      return { error: `the webhook has not answered within ${(options.timeoutMs ?? TIMEOUT_MS) / 1_000} s` }
    return { error: `the webhook could not be reached: ${error instanceof Error ? error.message : 'no reason given'}` }
  }
}

async function post(options: WebhookOptions, message: Message, signal: AbortSignal): Promise<Reply> {
  const url = new URL(message.url)
  const address = await checkedAddress(options, url, signal)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(message.payload),
    'user-agent': 'skerry-hub',
    ...message.headers,
  }
  return exchange(url, { options, address, headers, signal }, message.payload)
}

async function checkedAddress(options: WebhookOptions, url: URL, signal: AbortSignal): Promise<Address> {
  const addresses = await raced(resolveHost(options, hostOf(url)), signal)
  const problem = addressProblem(url, addresses, options.allowed)
  if (problem !== undefined) throw new Error(problem)
  return addresses[0] as Address
}

/** A host that the operator allowed is in the own network, so that no proxy is on the way to it. */
async function wayTo(options: WebhookOptions, url: URL, signal: AbortSignal): Promise<Way> {
  const { proxy, allowed } = options
  if (proxy === undefined || url.protocol !== 'https:' || isAllowed(url, allowed))
    return { kind: 'direct', address: await checkedAddress(options, url, signal) }
  // The proxy looks names up. An address needs no lookup.
  const host = hostOf(url)
  if (isIP(host) !== 0 && !isPublic(host)) throw new Error(`${host} is not a public address`)
  return { kind: 'proxy', proxy }
}

/** [as Stripe's webhooks] The signature covers the time, so that an old request cannot be replayed as a new one. */
export const signatureOf = (secret: string, payload: string, nowMs: number): string =>
  `t=${nowMs},v1=${createHmac('sha256', secret).update(`${nowMs}.${payload}`).digest('hex')}`

async function resolveHost({ resolve = resolveByDns }: WebhookOptions, host: string): Promise<Address[]> {
  const family = isIP(host)
  return family === 0 ? resolve(host) : [{ address: host, family }]
}

const resolveByDns = (host: string): Promise<Address[]> => lookup(host, { all: true })

/** A lookup cannot be stopped, so its result is ignored. */
function raced<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

type Sending = { options: WebhookOptions; address: Address; headers: RequestOptions['headers']; signal: AbortSignal }

function exchange(url: URL, { options, address, headers, signal }: Sending, payload: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp
    const asking = request(url, {
      ...connectionOf(options, address),
      method: 'POST',
      headers,
      signal,
    })
    asking.on('error', reject)
    asking.on('response', (response) => {
      readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject)
    })
    asking.end(payload)
  })
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += (chunk as Buffer).length
    // The end of the loop closes the connection.
    if (size > ANSWER_BYTES_MAX) throw new Error(`its answer is over ${ANSWER_BYTES_MAX} bytes`)
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function readAnswer({ status, text }: Reply): Answer {
  if (status >= 300 && status < 400) return { error: `the webhook answered ${status}; redirects are not followed` }
  if (status < 200 || status >= 300) return { error: `the webhook answered ${status}` }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { error: 'the answer of the webhook is not JSON' }
  }
  const read = AnswerBody.safeParse(json)
  if (read.success) return { result: read.data.result }
  const where = read.error.issues[0]?.path.join('.') || 'result'
  return {
    error: `the webhook answered JSON without a usable result: ${where} must have numbers, booleans or short texts by name`,
  }
}
