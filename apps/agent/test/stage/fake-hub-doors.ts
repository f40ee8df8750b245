/** Doors of the fake hub: its messages over HTTPS and over the link, genuine and false. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { implement } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import type { DocumentMessage } from '@skerry/contract/devices/desired'
import { readReport } from '@skerry/contract/devices/device-report'
import { LINK_PATH, link } from '@skerry/contract/link/link'
import { LINK_SESSION_HEADER, LinkSession } from '@skerry/contract/link/link-message'
import type { Digest } from '@skerry/contract/values/digest'
import { AuthorityId, ConnectionId } from '@skerry/contract/values/ids'
import { signCertificateReply } from '@skerry/platform/certificates/certificate-reply'
import { digestOf } from '@skerry/platform/files/hash'
import { type LinkSigner, linkSigners } from '@skerry/platform/signatures/link-signature'
import { type WebSocket, WebSocketServer } from 'ws'
import type { FakeHub } from './fake-hub.ts'

type AnswerDeps = {
  hub: FakeHub
  blobs: Map<string, Buffer>
  secrets: Set<string>
  joined(csr: string): Promise<object>
}

/** Answers a request to join, or a request for bytes. */
export async function answer(request: IncomingMessage, response: ServerResponse, deps: AnswerDeps): Promise<void> {
  const url = new URL(request.url ?? '', 'https://hub')
  if (request.method === 'POST' && url.pathname === '/v1/join') return answerJoin(request, response, deps)
  if (url.pathname.startsWith('/v1/blobs/')) {
    const isKnown = (request.socket as TLSSocket).authorized
    return isKnown
      ? answerBlob(url.pathname.slice('/v1/blobs/'.length), request, response, deps)
      : refuse(response, 401, 'certificate_missing')
  }
  if (url.pathname.startsWith('/v1/device-connections/') && deps.hub.answers.source) {
    const text = textOf(deps.hub.answers.source)
    response.setHeader('content-length', Buffer.byteLength(text))
    return void response.end(text)
  }
  return refuse(response, 404, 'route_unknown')
}

const textOf = (source: object) => JSON.stringify(source)

/** The connections document with this source as the device's only one. */
function tellSource(source: { name: string }, deviceId: FakeHub['deviceId']) {
  const text = textOf(source)
  const digest = digestOf(text)
  const sizeBytes = Buffer.byteLength(text)
  const told = { kind: 'source' as const, name: source.name, version: 1, digest, sizeBytes }
  return { v: 1 as const, deviceId, revision: digest, connections: [{ id: ConnectionId.parse(CONNECTION), ...told }] }
}

const CONNECTION = 'con_aaaaaaaaaaaa'

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

type LinkDeps = { issue(csr: string): Promise<string>; newest(): DocumentMessage | undefined }

/** Accepts the links of devices. */
export function attachLink(server: Server, hub: FakeHub, changes: EventTarget, { issue, newest }: LinkDeps): void {
  const os = implement(link).$context<{ sign: LinkSigner }>()
  const signerFor = linkSigners(hub.signing, { nowMs: () => Date.now() + (hub.answers.clockAheadMs ?? 0) })
  const router = os.router({
    report: os.report.handler(({ input }) => {
      const { report, unread } = readReport(input)
      hub.reports.push(report)
      hub.unread = unread.length > 0 ? input.items : []
      changes.dispatchEvent(new Event('report'))
      const hubTimeMs = Date.now() + (hub.answers.clockAheadMs ?? 0)
      return { nextReportMs: hub.answers.nextReportMs, hubTimeMs, generation: newest()?.generation ?? 0 }
    }),
    desired: os.desired.handler(async function* ({ signal, context: { sign } }) {
      let sent: Digest | undefined
      while (!signal?.aborted) {
        const changed = once(changes, 'desired', signal ? { signal } : {})
        changed.catch(() => {})
        const document = newest()
        const spelled = document && digestOf(JSON.stringify(document))
        if (document && spelled !== sent) {
          sent = spelled
          yield sign('desired', document)
        }
        await changed.catch(() => {})
      }
    }),
    // Genuine commands are tested against the real hub.
    commands: os.commands.handler(async function* ({ signal, context: { sign } }) {
      if (hub.answers.command) yield sign('commands', hub.answers.command)
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    }),
    answer: os.answer.handler(({ input }) => {
      hub.commandAnswers.push(input)
      return { counted: false }
    }),
    jobs: os.jobs.handler(async function* ({ signal, context: { sign } }) {
      if (hub.answers.wipe) yield sign('jobs', { kind: 'wipe' as const })
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    }),
    wipeBegun: os.wipeBegun.handler(() => {
      hub.wipes++
      return {}
    }),
    jobDone: os.jobDone.handler(() => ({ counted: false })),
    documents: os.documents.handler(async function* ({ signal, context: { sign } }) {
      const { source, roots, strange } = hub.answers
      // A hub that is newer than the agent.
      if (strange !== undefined) yield sign('documents', { name: strange, document: { v: 1 } })
      yield sign('documents', { name: 'trust', document: {} })
      if (source) yield sign('documents', { name: 'connections', document: tellSource(source, hub.deviceId) })
      const active = AuthorityId.parse('first')
      if (roots !== undefined) yield sign('documents', { name: 'authorities', document: { roots, active } })
      await new Promise((resolve) => signal?.addEventListener('abort', resolve))
    }),
    held: os.held.handler(({ input: { name } }) => {
      hub.held.push(name)
      return hub.answers.unknownDocument === name ? { problem: 'unknown' as const } : {}
    }),
    telemetry: os.telemetry.handler(({ input: { first, values } }) => {
      hub.values.push(...values)
      return { last: first + values.length - 1 }
    }),
    leave: os.leave.handler(() => {
      hub.goodbyes++
      return {}
    }),
    journal: os.journal.handler(({ input: { end } }) => {
      hub.pages++
      return { place: end }
    }),
    renew: os.renew.handler(async ({ input }) => {
      hub.renewals++
      return signCertificateReply(input.csr, { certificate: await issue(input.csr) }, hub.signing)
    }),
  })
  const handler = new RPCHandler(router)
  const acceptor = new WebSocketServer({ noServer: true })
  acceptor.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    socket.on('error', () => {})
    const session = LinkSession.parse(request.headers[LINK_SESSION_HEADER])
    void handler.upgrade(socket, { context: { sign: signerFor({ deviceId: hub.deviceId, session }) } })
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
