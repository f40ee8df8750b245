/** A real hub for tests: temporary folder, TLS on port 0, its owner's key. */
import { mkdtemp, rm } from 'node:fs/promises'
import { type Agent, Agent as HttpsAgent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperatorPermission } from '@skerry/contract/people/permissions'
import { Digest } from '@skerry/contract/values/digest'
import { blobLayout } from '@skerry/platform/blobs/blob-layout'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { type Clock, systemClock } from '@skerry/platform/process/clock'
import { createLog } from '@skerry/platform/process/log'
import type { S3Location } from '../../src/blobs/s3-location.ts'
import type { Timeouts } from '../../src/http/server.ts'
import type { Hub } from '../../src/hub.ts'
import { type OpenHubOptions, openHub } from '../../src/open-hub.ts'
import { databaseUrlFor } from './test-database.ts'

export type Answer<Body = unknown> = {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  body: Body
}

type AskOptions = {
  /** By default the owner's; null for none. */
  key?: string | null
  body?: unknown
  /** A body that is sent unchanged. */
  raw?: string | Uint8Array
  headers?: Record<string, string>
  certificate?: { certificatePem: string; privateKeyPem: string }
  /** The address of this machine from which the request comes, such as 127.0.0.2, over a separate connection. */
  from?: string | undefined
}

export type TestHub = AsyncDisposable & {
  hub: Hub
  url: string
  data: string
  ownerKey: string
  /** The invitation of the first person. */
  invitation: string
  /** The operator's key, if the test requested one. */
  operatorKey: string
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
  s3?: S3Location
  s3Limits?: OpenHubOptions['s3Limits']
  separateBatchKeys?: boolean
  mail?: OpenHubOptions['mail']
  providers?: OpenHubOptions['providers']
  webhooks?: OpenHubOptions['webhooks']
  host?: string
  notice?: string
  hasOperator?: boolean
} & Pick<OpenHubOptions, 'databaseUrl' | 'secrets' | 'peerAddress' | 'ddi' | 'registry' | 'gitRoot'> & {
    /** The operator's decisions about model files. */
    files?: Pick<OpenHubOptions, 'fileRules' | 'isAdoptingBlobs'>
  }

/** The most powerful key for the procedure: the owner's, or the operator's if only operators may call it. */
export const keyFor = ({ ownerKey, operatorKey }: TestHub, { access }: { access: string }): string =>
  OperatorPermission.safeParse(access).success ? operatorKey : ownerKey

/** The file of this blob in a hub that keeps blobs in its data folder. */
export const blobFile = ({ data }: Pick<TestHub, 'data'>, digest: string): string =>
  blobLayout(join(data, 'blobs')).blobOf(Digest.parse(digest))

const onlyIf = (isWanted: boolean | undefined, announce: OpenHubOptions['announceOwner']) =>
  isWanted ? announce : undefined

/** Starts a hub; a given folder is kept. */
export async function startTestHub(options: StartOptions = {}): Promise<TestHub> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'skerry-hub-')))
  const log: Record<string, unknown>[] = []
  const write = (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>)
  let ownerKey = options.ownerKey ?? ''
  let invitation = ''
  let operatorKey = ''
  const opened = await openHub({
    data,
    databaseUrl: options.databaseUrl ?? (await databaseUrlFor(data)),
    ...(options.secrets && { secrets: options.secrets }),
    ...options.files,
    peerAddress: options.peerAddress,
    host: options.host ?? '127.0.0.1',
    port: 0,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    clock: options.clock ?? systemClock,
    log: createLog({ name: 'hub', level: 'debug', destination: { write } }),
    random: () => 0,
    announceOwner: async (key, _hub, text) => {
      ownerKey = key
      invitation = text
    },
    announceOperator: onlyIf(options.hasOperator, async (key) => {
      operatorKey = key
    }),
    diskFloorBytes: options.diskFloorBytes ?? 0,
    ...(options.timeouts && { timeouts: options.timeouts }),
    ...(options.s3 && { s3: options.s3 }),
    ...(options.s3Limits && { s3Limits: options.s3Limits }),
    separateBatchKeys: options.separateBatchKeys ?? false,
    mail: options.mail,
    notice: options.notice,
    ...(options.webhooks && { webhooks: options.webhooks }),
    ...(options.providers && { providers: options.providers }),
    ddi: options.ddi,
    registry: options.registry,
    gitRoot: options.gitRoot,
  })
  if (!opened.ok) throw new Error(opened.message)
  const { hub, url } = opened.running
  const agent = new HttpsAgent({ ca: hub.config.caPem, keepAlive: true, maxSockets: 8 })
  return {
    hub,
    url,
    data,
    ownerKey,
    invitation,
    operatorKey,
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

function send<Body>(target: Target, ask: AskOptions): Promise<Answer<Body>> {
  const { url, method, agent, caPem, ownerKey } = target
  const { key = ownerKey, body, raw, headers = {}, certificate, from } = ask
  const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      ...(certificate
        ? { agent: false, ca: caPem, cert: certificate.certificatePem, key: certificate.privateKeyPem }
        : from === undefined
          ? { agent }
          : { agent: false, ca: caPem, localAddress: from }),
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(payload === undefined ? {} : { 'content-length': String(Buffer.byteLength(payload)) }),
        ...headers,
      },
    })
    // [Node, request.reusedSocket] The hub may close a kept-alive connection just as a request is sent on it.
    outgoing.on('error', (error) => {
      const isStale = method === 'GET' && outgoing.reusedSocket && 'code' in error && error.code === 'ECONNRESET'
      if (isStale) resolve(send(target, ask))
      else reject(error)
    })
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
        // The stream ends only with the hub; its first message is the answer.
        if (!url.endsWith('/v1/watch') || incoming.statusCode !== 200) return
        end()
        outgoing.destroy()
      })
    })
    outgoing.end(payload)
  })
}
