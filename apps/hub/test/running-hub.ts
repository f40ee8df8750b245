/** A real hub for tests: temporary folder, TLS on port 0, its owner's key. */
import { mkdtemp, rm } from 'node:fs/promises'
import { type Agent, Agent as HttpsAgent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '@skerry/platform/clock'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/file-system'
import { createLog } from '@skerry/platform/log'
import type { Timeouts } from '../src/http/server.ts'
import type { Hub } from '../src/hub.ts'
import { openHub } from '../src/open-hub.ts'

export type Answer<Body = unknown> = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  body: Body
}

type AskOptions = {
  /** The owner's where absent; null for none. */
  key?: string | null
  body?: unknown
  /** Sent as it is. */
  raw?: string | Uint8Array
  headers?: Record<string, string>
  certificate?: { certificatePem: string; privateKeyPem: string }
}

export type TestHub = AsyncDisposable & {
  hub: Hub
  url: string
  data: string
  ownerKey: string
  /** Lines that the hub has logged. */
  log: Record<string, unknown>[]
  ask<Body = Record<string, never>>(method: string, path: string, options?: AskOptions): Promise<Answer<Body>>
}

export type StartOptions = {
  data?: string
  clock?: Clock
  fileSystem?: FileSystem
  ownerKey?: string
  diskFloorBytes?: number
  timeouts?: Timeouts
}

/** Starts one; a folder that was given is kept. */
export async function startTestHub(options: StartOptions = {}): Promise<TestHub> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'skerry-hub-')))
  const log: Record<string, unknown>[] = []
  const write = (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>)
  let ownerKey = options.ownerKey ?? ''
  const opened = await openHub({
    data,
    host: '127.0.0.1',
    port: 0,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    clock: options.clock ?? systemClock,
    log: createLog({ name: 'hub', level: 'debug', destination: { write } }),
    random: () => 0,
    announceOwner: async (key) => {
      ownerKey = key
    },
    diskFloorBytes: options.diskFloorBytes ?? 0,
    ...(options.timeouts && { timeouts: options.timeouts }),
  })
  if (!opened.ok) throw new Error(opened.message)
  const { hub, url } = opened.running
  const agent = new HttpsAgent({ ca: hub.config.caPem, keepAlive: true, maxSockets: 8 })
  return {
    hub,
    url,
    data,
    ownerKey,
    log,
    ask: (method, path, ask = {}) =>
      send({ url: `${url}${path}`, method, agent, caPem: hub.config.caPem, ownerKey }, ask),
    async [Symbol.asyncDispose]() {
      agent.destroy()
      await opened.running[Symbol.asyncDispose]()
      if (options.data === undefined) await rm(data, { recursive: true, force: true })
    },
  }
}

type Target = { url: string; method: string; agent: Agent; caPem: string; ownerKey: string }

function send<Body>({ url, method, agent, caPem, ownerKey }: Target, ask: AskOptions): Promise<Answer<Body>> {
  const { key = ownerKey, body, raw, headers = {}, certificate } = ask
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      ...(certificate
        ? { agent: false, ca: caPem, cert: certificate.certificatePem, key: certificate.privateKeyPem }
        : { agent }),
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
        ...headers,
      },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('error', reject)
      const end = () => {
        const text = Buffer.concat(chunks).toString('latin1')
        const isJson = String(incoming.headers['content-type']).includes('json')
        const parsed = isJson && text !== '' ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parsed as Body })
      }
      incoming.on('end', end)
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        // It ends with the hub only; what it says first is its answer.
        if (!url.endsWith('/v1/watch') || incoming.statusCode !== 200) return
        end()
        outgoing.destroy()
      })
    })
    outgoing.end(payload)
  })
}
