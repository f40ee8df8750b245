/**
 * Fake hub: speaks the real contract over real TLS (join, link, blobs), holds everything in memory, and can be told to lie. For tests of the
 * agent alone; the fleet's tests use the real hub.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { DesiredDocument, DesiredItem } from '@skerry/contract/desired'
import type { DeviceReport } from '@skerry/contract/device-report'
import type { Digest } from '@skerry/contract/digest'
import { DeviceId } from '@skerry/contract/ids'
import type { ItemReport } from '@skerry/contract/item'
import { LINK_PATH, link } from '@skerry/contract/link'
import type { ModelFile } from '@skerry/contract/model'
import type { Probation, Serving } from '@skerry/contract/serving'
import { canonicalJson } from '@skerry/core/canonical-json'
import { fingerprintOf } from '@skerry/platform/certificate'
import {
  type Credentials,
  createAuthority,
  issueDeviceCertificate,
  issueServerCertificate,
} from '@skerry/platform/certificate-authority'
import { digestOf } from '@skerry/platform/hash'
import { signModel } from '@skerry/platform/model-signature'
import { generateKeyPair, type KeyPair } from '@skerry/platform/private-key'
import { type WebSocket, WebSocketServer } from 'ws'

export type FakeVersion = {
  model?: string
  version: number
  files: Readonly<Record<string, Uint8Array | string>>
  retryToken?: number
  serving?: Partial<Serving>
  probation?: Partial<Probation>
  /** What the signature says it is for, where that shall be a lie. */
  signedAs?: string
  signedBy?: KeyPair
}

export type FakeHub = AsyncDisposable & {
  url: string
  token: string
  deviceId: DeviceId
  signing: KeyPair
  /** Another token for the same hub. */
  newToken(): string
  /** Newest last. */
  reports: DeviceReport[]
  /** How often bytes of each blob were asked for, and from which offset. */
  downloads: { digest: string; start: number }[]
  joins: number
  /** Stores the files and signs them. */
  publish(version: FakeVersion): DesiredItem
  /** The next generation. */
  desire(...items: DesiredItem[]): DesiredDocument
  /** Exactly this document. */
  offer(document: DesiredDocument): void
  /** Change them to lie. */
  answers: {
    /** What is sent of a blob. */
    blob?: (digest: string, bytes: Buffer) => Buffer | undefined
    /** Cuts the connection after so many bytes of each blob answer. */
    cutAfterBytes?: number
    join?: 'pending' | 'refused' | 'drop'
    link?: 'refused'
    certificateLifeMs?: number
    nextReportMs: number
    clockAheadMs?: number
  }
  /** Resolves with the first report from now on (the newest one included) that the predicate accepts. */
  reported(what: string, predicate: (report: DeviceReport) => boolean): Promise<DeviceReport>
  /** The same for the item of a model. */
  item(model: string, predicate: (item: ItemReport) => boolean): Promise<ItemReport>
  renewals: number
  /** Ends every connection; new ones may come. */
  disconnect(): void
}

const MINUTE_MS = 60_000

/** How long a wait for a report may last before the test fails with what was reported instead. */
const PATIENCE_MS = 45_000

export type FakeHubOptions = { port?: number; identity?: FakeHubIdentity }
export type FakeHubIdentity = {
  authority: Credentials
  signing: KeyPair
  server: Credentials
  /** A server certificate as of another time. */
  serverAt(nowMs: number): Promise<Credentials>
}

/** The keys of a hub, to start it again as the same one. */
export async function createFakeIdentity(): Promise<FakeHubIdentity> {
  const authority = await createAuthority({ commonName: 'fake hub', nowMs: Date.now() })
  const serverAt = (nowMs: number) => issueServerCertificate(authority, { names: ['localhost', '127.0.0.1'], nowMs })
  return { authority, signing: generateKeyPair(), server: await serverAt(Date.now()), serverAt }
}

/** Listens on a port of its own. */
export async function startFakeHub({ port = 0, identity }: FakeHubOptions = {}): Promise<FakeHub> {
  const { authority, signing, server: credentials } = identity ?? (await createFakeIdentity())
  const blobs = new Map<string, Buffer>()
  const changes = new EventTarget()
  const deviceId = DeviceId.parse('dev_fakefakefake')
  const secrets = new Set<string>()
  let document: DesiredDocument | undefined
  const server = createServer({
    key: credentials.privateKeyPem,
    cert: credentials.certificatePem + authority.certificatePem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.3',
  })
  const sockets = new Set<Socket>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const newToken = () => {
    const secret = randomBytes(32).toString('base64url')
    secrets.add(secret)
    const content = { v: 1, hub: url, ca: fingerprintOf(authority.certificatePem), secret }
    return `skj_${Buffer.from(JSON.stringify(content)).toString('base64url')}`
  }
  const hub: FakeHub = {
    url,
    token: newToken(),
    newToken,
    deviceId,
    signing,
    reports: [],
    downloads: [],
    joins: 0,
    renewals: 0,
    answers: { nextReportMs: MINUTE_MS },
    publish: (version) => publish(version, signing, blobs),
    desire(...items) {
      const generation = (document?.generation ?? 0) + 1
      const made = DesiredDocument.parse({ v: 1, deviceId, generation, digest: digestOf(canonicalJson(items)), items })
      hub.offer(made)
      return made
    },
    offer(made) {
      document = made
      changes.dispatchEvent(new Event('desired'))
    },
    reported: (what, predicate) => waitForReport(hub, changes, what, predicate),
    async item(model, predicate) {
      const find = ({ items }: DeviceReport) => items.find((item) => item.model === model && predicate(item))
      const report = await waitForReport(hub, changes, `item ${model}`, (one) => find(one) !== undefined)
      return find(report) as ItemReport
    },
    disconnect: () => sockets.forEach((socket) => void socket.destroy()),
    async [Symbol.asyncDispose]() {
      hub.disconnect()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  const issue = async (requestPem: string) => {
    const lifeMs = hub.answers.certificateLifeMs ?? 365 * 24 * 60 * MINUTE_MS
    const nowMs = Date.now()
    const issued = await issueDeviceCertificate(authority, {
      requestPem,
      deviceId,
      organisationId: 'org_fakefake',
      nowMs,
      lifeMs,
    })
    if (!issued.ok) throw new Error(issued.message)
    return issued.certificatePem
  }
  const joined = async (csr: string) => ({
    status: 'active',
    deviceId,
    name: 'fake',
    certificate: await issue(csr),
    ca: authority.certificatePem,
    trustedKeys: [signing.publicKeyPem],
    hubTimeMs: Date.now(),
  })
  server.on('request', (request, response) => void answer(request, response, { hub, blobs, secrets, joined }))
  attachLink(server, hub, changes, { issue, newest: () => document })
  return hub
}

function publish(
  { model = 'm', version, files: contents, ...wish }: FakeVersion,
  signing: KeyPair,
  blobs: Map<string, Buffer>,
) {
  const files: ModelFile[] = Object.entries(contents).map(([path, content]) => {
    const bytes = Buffer.from(content)
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { path, digest, sizeBytes: bytes.length }
  })
  const sorted = files.toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const { privateKeyPem } = wish.signedBy ?? signing
  return DesiredItem.parse({
    model,
    deploymentId: 'dep_fakefake',
    revision: version,
    version,
    digest: digestOf(canonicalJson(sorted)),
    files: sorted,
    bundle: signModel({ name: wish.signedAs ?? `${model}/${version}`, resources: sorted, privateKeyPem }),
    serving: wish.serving ?? {},
    probation: wish.probation ?? { seconds: 0 },
    retryToken: wish.retryToken ?? 0,
  })
}

type AnswerDeps = {
  hub: FakeHub
  blobs: Map<string, Buffer>
  secrets: Set<string>
  joined(csr: string): Promise<object>
}

async function answer(request: IncomingMessage, response: ServerResponse, deps: AnswerDeps): Promise<void> {
  const url = new URL(request.url ?? '', 'https://hub')
  if (request.method === 'POST' && url.pathname === '/v1/join') return answerJoin(request, response, deps)
  if (url.pathname.startsWith('/v1/blobs/')) {
    const isKnown = (request.socket as TLSSocket).authorized
    return isKnown
      ? answerBlob(url.pathname.slice('/v1/blobs/'.length), request, response, deps)
      : refuse(response, 401, 'certificate_missing')
  }
  return refuse(response, 404, 'route_unknown')
}

async function answerJoin(request: IncomingMessage, response: ServerResponse, { hub, secrets, joined }: AnswerDeps) {
  let text = ''
  for await (const piece of request) text += piece
  const body = JSON.parse(text)
  hub.joins++
  const { join } = hub.answers
  if (join === 'drop') return void request.socket.destroy()
  if (join === 'refused' || !secrets.has(body.secret)) return refuse(response, 403, 'token_refused')
  const pending = { status: 'pending', deviceId: hub.deviceId, name: 'fake', retryAfterMs: 1_000 }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(join === 'pending' ? pending : await joined(body.csr)))
}

function answerBlob(
  digest: string,
  request: IncomingMessage,
  response: ServerResponse,
  { hub, blobs }: AnswerDeps,
): void {
  const stored = blobs.get(decodeURIComponent(digest))
  const bytes = stored && (hub.answers.blob ? hub.answers.blob(digest, stored) : stored)
  if (!bytes) {
    refuse(response, 404, 'blob_unknown')
    return
  }
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  hub.downloads.push({ digest, start })
  response.statusCode = start > 0 ? 206 : 200
  response.setHeader('etag', `"${digest}"`)
  response.setHeader('content-length', bytes.length - start)
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
  const { cutAfterBytes } = hub.answers
  if (cutAfterBytes === undefined || bytes.length - start <= cutAfterBytes)
    return void response.end(bytes.subarray(start))
  response.write(bytes.subarray(start, start + cutAfterBytes), () => void request.socket.destroy())
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.statusCode = status
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ defined: true, code, status, message: code.replace('_', ' '), data: null }))
}

type LinkDeps = { issue(csr: string): Promise<string>; newest(): DesiredDocument | undefined }

function attachLink(server: Server, hub: FakeHub, changes: EventTarget, { issue, newest }: LinkDeps): void {
  const os = implement(link)
  const router = os.router({
    report: os.report.handler(({ input }) => {
      hub.reports.push(input)
      changes.dispatchEvent(new Event('report'))
      const hubTimeMs = Date.now() + (hub.answers.clockAheadMs ?? 0)
      return { nextReportMs: hub.answers.nextReportMs, hubTimeMs, generation: newest()?.generation ?? 0 }
    }),
    desired: os.desired.handler(async function* ({ signal }) {
      let sent: Digest | undefined
      while (!signal?.aborted) {
        const changed = once(changes, 'desired', signal ? { signal } : {})
        changed.catch(() => {})
        const document = newest()
        const spelled = document && digestOf(JSON.stringify(document))
        if (document && spelled !== sent) {
          sent = spelled
          yield document
        }
        await changed.catch(() => {})
      }
    }),
    renew: os.renew.handler(async ({ input }) => {
      hub.renewals++
      return { certificate: await issue(input.csr) }
    }),
  })
  const handler = new RPCHandler(router)
  const acceptor = new WebSocketServer({ noServer: true })
  acceptor.on('connection', (socket: WebSocket) => {
    socket.on('error', () => {})
    void handler.upgrade(socket)
  })
  server.on('upgrade', (request, socket, head) => {
    const isKnown = (socket as TLSSocket).authorized && request.url === LINK_PATH && hub.answers.link !== 'refused'
    if (isKnown) acceptor.handleUpgrade(request, socket, head, (open) => acceptor.emit('connection', open, request))
    else
      socket.end(
        'HTTP/1.1 401 Refused\r\ncontent-type: application/json\r\n\r\n{"code":"certificate_invalid","message":"no"}',
      )
  })
}

async function waitForReport(
  hub: FakeHub,
  changes: EventTarget,
  what: string,
  predicate: (report: DeviceReport) => boolean,
) {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (;;) {
    const newest = hub.reports.at(-1)
    if (newest && predicate(newest)) return newest
    await once(changes, 'report', { signal }).catch((cause: unknown) => {
      throw new Error(`waited in vain for ${what}; the newest report is ${JSON.stringify(newest, undefined, 1)}`, {
        cause,
      })
    })
  }
}
