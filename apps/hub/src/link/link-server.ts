/**
 * Link server: takes the devices' WebSockets on the hub's port. A device is known by its certificate; it has one connection at a time (a
 * newer one wins, because the older may be dead and not know it), a few requests in flight, and messages of bounded size.
 */
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:https'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import { ServerPeer } from '@orpc/standard-server-peer'
import type { DeviceId } from '@skerry/contract/ids'
import { LINK_MESSAGE_MAX, LINK_PATH } from '@skerry/contract/link'
import { type WebSocket, WebSocketServer } from 'ws'
import { findDeviceById } from '../devices/device-store.ts'
import { problemOf } from '../http/call-watch.ts'
import { isProblem, type Problem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type IdentityVerdict, identifyDevice } from './device-identity.ts'
import { CLOSE, type LinkConnection } from './link-connection.ts'
import { type LinkCall, linkRouter } from './link-handlers.ts'
import { PING_MS, pingAll } from './ping.ts'
import { createReportFlusher } from './report-flusher.ts'

/** The desired stream, a report, a renewal, and what was sent again after an impatient retry. */
const IN_FLIGHT_MAX = 8

/** A device that does not read is ended before it costs more memory than four of the largest documents. */
const BUFFERED_MAX = 4 * LINK_MESSAGE_MAX

/** A status a minute keeps the fleet view fresh. */
const REPORT_INTERVAL_MS = 60_000

/** So many reports a second take a sixth of a core (75 us on the wire, 250 us stored; measured), and leave the rest to everything else. */
const REPORTS_PER_SECOND_MAX = 500

/** Begins to take devices. */
export function attachLink(server: Server, hub: Hub): AsyncDisposable {
  const connections = new Map<DeviceId, LinkConnection>()
  const reports = createReportFlusher(hub)
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: LINK_MESSAGE_MAX, perMessageDeflate: false })
  const handler = new StandardRPCHandler<LinkCall>(linkRouter, { clientInterceptors: [guard(hub)] })
  const reportIntervalMs = () => Math.max(REPORT_INTERVAL_MS, (connections.size / REPORTS_PER_SECOND_MAX) * 1_000)

  const open = (socket: WebSocket, request: IncomingMessage, identity: Extract<IdentityVerdict, { ok: true }>) => {
    const connection = connectionOf(socket, request, identity)
    connections.get(connection.deviceId)?.socket.close(CLOSE.replaced, 'replaced')
    connections.set(connection.deviceId, connection)
    hub.metrics.linkConnections.set(connections.size)
    const stop = hub.bus.subscribe('device.changed', connection.deviceId, () => void lookAgain(hub, connection))
    socket.on('close', () => {
      stop()
      if (connections.get(connection.deviceId) === connection) connections.delete(connection.deviceId)
      hub.metrics.linkConnections.set(connections.size)
    })
    socket.on('pong', () => {
      connection.isAlive = true
    })
    // Too large a message, a broken frame: `ws` has closed already; without a listener the process would end.
    socket.on('error', (error) => hub.log.debug('link_socket_failed', { deviceId: connection.deviceId, error }))
    // It may have been revoked since it was identified, and before anybody listened.
    void lookAgain(hub, connection)
    const context = { hub, connection, reports, reportIntervalMs }
    hear(hub, connection, createServerPeerHandleRequestFn(handler, { context }))
  }

  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const identity = await identifyPeer(hub, request, socket)
    if (!identity.ok) {
      hub.metrics.linkRefusals.inc({ code: identity.code })
      refuseUpgrade(socket, problem(identity.code, identity.message))
      return
    }
    acceptor.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, request, identity))
  }
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    onUpgrade(request, socket, head).catch((error: unknown) => {
      hub.log.error('link_upgrade_failed', { error })
      refuseUpgrade(socket, problem('internal_error'))
    })
  })
  const pinging = setInterval(() => pingAll(connections.values()), PING_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(pinging)
      await reports[Symbol.asyncDispose]()
      acceptor.close()
      await Promise.all([...connections.values()].map(({ socket }) => closeSoon(socket)))
    },
  }
}

/** A device that is there answers a close at once; one that is not must not keep the hub from stopping. */
const CLOSE_MS = 1_000

function closeSoon(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.close(CLOSE.goingAway, 'hub_unavailable')
  })
}

type Refusal = { ok: false; code: Problem['code']; message: string }

async function identifyPeer(hub: Hub, request: IncomingMessage, socket: Duplex): Promise<IdentityVerdict | Refusal> {
  const [path] = (request.url ?? '').split('?')
  if (path !== LINK_PATH) return { ok: false, code: 'route_unknown', message: `only ${LINK_PATH} is a WebSocket` }
  if (hub.signal.aborted) return { ok: false, code: 'hub_unavailable', message: 'the hub is stopping; connect again' }
  if (!(socket instanceof TLSSocket)) throw new Error('a device link without TLS')
  return identifyDevice(hub, socket)
}

/** Says no in HTTP, with the same body as everywhere, before there is a WebSocket. */
function refuseUpgrade(socket: Duplex, refusal: Problem): void {
  const body = JSON.stringify(refusal.toJSON())
  const head = [
    `HTTP/1.1 ${refusal.status} Refused`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function connectionOf(
  socket: WebSocket,
  request: IncomingMessage,
  { device, notAfterMs }: Extract<IdentityVerdict, { ok: true }>,
): LinkConnection {
  return {
    deviceId: device.id,
    organisationId: device.organisation_id,
    name: device.name,
    source: request.socket.remoteAddress ?? '',
    socket,
    notAfterMs,
    report: undefined,
    refusal: undefined,
    inFlight: 0,
    isAlive: true,
  }
}

/** A status that changed while the device is connected. Its next message is answered with it, and the connection ends. */
async function lookAgain(hub: Hub, connection: LinkConnection): Promise<void> {
  try {
    const device = await findDeviceById(hub.store.db, connection.deviceId)
    if (!device || device.status === 'revoked') connection.refusal = problem('device_revoked')
  } catch (error) {
    hub.log.error('link_status_unread', { deviceId: connection.deviceId, error })
  }
}

/** Hears one device: a message passes only while the device may speak and does not ask too much at once. */
function hear(hub: Hub, connection: LinkConnection, answer: Answer): void {
  const { socket } = connection
  const peer = new ServerPeer((message) => socket.send(message))
  const pass = async (text: string) => {
    if (connection.inFlight >= IN_FLIGHT_MAX || socket.bufferedAmount > BUFFERED_MAX) {
      return end(hub, connection, { code: CLOSE.tooMuch, reason: 'rate_limited' })
    }
    connection.inFlight += 1
    try {
      await peer.message(text, answer)
    } catch (error) {
      hub.log.debug('link_message_refused', { deviceId: connection.deviceId, error })
      end(hub, connection, { code: CLOSE.malformed, reason: 'input_invalid' })
    } finally {
      connection.inFlight -= 1
      if (connection.refusal) end(hub, connection, { code: CLOSE.refused, reason: connection.refusal.code })
    }
  }
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) end(hub, connection, { code: CLOSE.malformed, reason: 'input_invalid' })
    else void pass(data.toString('utf8'))
  })
  socket.on('close', () => peer.close())
}

function end(hub: Hub, { socket }: LinkConnection, { code, reason }: { code: number; reason: string }): void {
  if (socket.readyState !== socket.OPEN) return
  hub.metrics.linkRefusals.inc({ code: reason })
  socket.close(code, reason)
}

type Answer = Parameters<ServerPeer['message']>[1]

type Watched = { context: LinkCall; path: readonly string[]; next: () => Promise<unknown> }

/** Stands around every procedure of the link: who may not go on is told so, and nothing of the inside leaks. */
const guard =
  (hub: Hub) =>
  async ({ context: { connection }, path, next }: Watched): Promise<unknown> => {
    try {
      if (hub.clock.nowMs() > connection.notAfterMs) {
        connection.refusal ??= problem('device_revoked', 'the certificate has expired; join the device again')
      }
      if (connection.refusal) throw connection.refusal
      return await next()
    } catch (error) {
      const refusal = problemOf(error)
      hub.metrics.requests.inc({ procedure: `link.${path.join('.')}`, code: refusal.code })
      if (!isProblem(error) && refusal.status >= 500) {
        hub.log.error('link_request_failed', { procedure: path.join('.'), deviceId: connection.deviceId, error })
      }
      throw refusal
    }
  }
