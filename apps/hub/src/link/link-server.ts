/**
 * Link server: accepts the devices' WebSockets on the hub's port. A device is identified by its certificate, and has
 * one connection at a time. A newer connection replaces an older one that does not answer any more. A device has a few
 * requests in flight, and messages of bounded size.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { HibernationPlugin } from '@orpc/server/hibernation'
import { StandardRPCHandler } from '@orpc/server/standard'
import { createServerPeerHandleRequestFn } from '@orpc/server/standard-peer'
import { LINK_MESSAGE_MAX, LINK_PATH, type link } from '@skerry/contract/link/link'
import { LINK_SESSION_HEADER, LinkSession } from '@skerry/contract/link/link-message'
import type { AuthorityId, DeviceId } from '@skerry/contract/values/ids'
import { linkSigners } from '@skerry/platform/signatures/link-signature'
import { type WebSocket, WebSocketServer } from 'ws'
import { createResultFlusher } from '../batches/result-flusher.ts'
import { createHeldDesk } from '../held/held-desk.ts'
import { problemOf } from '../http/admission/call-watch.ts'
import { isProblem, type Problem, problem } from '../http/problem.ts'
import { pathOf, refuseUpgrade, type Upgrades } from '../http/upgrades.ts'
import type { Hub } from '../hub.ts'
import { createClockWatch } from './clock-watch.ts'
import { type IdentityVerdict, identifyDevice } from './device-identity.ts'
import { followChanges, lookAgain } from './link-changes.ts'
import { CLOSE, type LinkConnection } from './link-connection.ts'
import { type LinkCall, linkRouter } from './link-handlers.ts'
import { createLinkKeeper } from './link-keeper.ts'
import { createLinkPeer } from './link-peer.ts'
import { PING_MS, pingAll } from './ping.ts'
import { createReportFlusher } from './reports/report-flusher.ts'
import { createReportPace } from './reports/report-pace.ts'
import { isAnswering, tellOfRival } from './rival.ts'
import { createRoundTrips } from './round-trips.ts'

/**
 * The beginnings of four streams, a report, a renewal, the answers to commands and to a job. In addition, the device's
 * state of each document, and repetitions after an early retry.
 */
const IN_FLIGHT_MAX = 16

/** The hub ends a device that does not read before it costs more memory than four of the largest documents. */
const BUFFERED_MAX = 4 * LINK_MESSAGE_MAX

/** A report a minute keeps the fleet view fresh. */
const REPORT_INTERVAL_MS = 60_000

/**
 * So many reports a second take a sixth of a core (75 us on the wire, 250 us stored; measured). All other work has the
 * rest.
 */
const REPORTS_PER_SECOND_MAX = 500

type Known = Extract<IdentityVerdict, { ok: true }>

export function attachLink(upgrades: Upgrades, hub: Hub): AsyncDisposable {
  const connections = new Map<DeviceId, LinkConnection>()
  const changes = followChanges(hub, connections)
  const desks = desksOf(hub, connections)
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: LINK_MESSAGE_MAX, perMessageDeflate: false })
  const handler = handlerOf(hub)
  const reportIntervalMs = () => intervalFor(connections.size)
  hub.vitals.linkLoad = () => ({
    connections: connections.size,
    reportIntervalMs: Math.round(reportIntervalMs()),
    reportsWaiting: desks.reports.waiting(),
  })

  const open = (socket: WebSocket, request: IncomingMessage, identity: Known & { changesSeen: number }) => {
    const connection = connectionOf(hub, socket, request, { ...identity, signerFor: desks.signerFor })
    connections.get(connection.deviceId)?.socket.close(CLOSE.replaced, 'replaced')
    connections.set(connection.deviceId, connection)
    hub.metrics.linkConnections.set(connections.size)
    if (request.socket instanceof TLSSocket && request.socket.isSessionReused()) hub.metrics.linkResumptions.inc()
    const leave = hub.commands.arrive(connection.deviceId)
    const endLink = desks.links.opened(connection.deviceId)
    socket.on('close', () => {
      leave()
      if (depart(connections, connection)) endLink(hub.signal.aborted ? 'hub' : connection.ended)
      hub.metrics.linkConnections.set(connections.size)
    })
    socket.on('pong', () => {
      connection.isAlive = true
      if (connection.pingedAtMs === undefined) return
      desks.trips.measured(connection.deviceId, hub.clock.monotonicMs() - connection.pingedAtMs)
      connection.pingedAtMs = undefined
    })
    // The message is too large, or a frame is broken: `ws` has already closed. Without a listener the process would
    // end.
    socket.on('error', (error) => hub.log.debug('link_socket_failed', { deviceId: connection.deviceId, error }))
    // The device may have been revoked after its identification, before this listener existed.
    if (identity.changesSeen !== changes.seen()) void lookAgain(hub, connection)
    const call = { context: { hub, connection, reportIntervalMs, ...desks } }
    hear(hub, connection, createServerPeerHandleRequestFn(handler, call))
  }

  const onUpgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const changesSeen = changes.seen()
    const identity = await admitPeer(hub, connections, request, socket)
    if (!identity.ok) {
      hub.metrics.linkRefusals.inc({ code: identity.code })
      return refuseUpgrade(socket, problem(identity.code, identity.message))
    }
    acceptor.handleUpgrade(request, socket, head, (webSocket) => open(webSocket, request, { ...identity, changesSeen }))
  }
  upgrades.take(LINK_PATH, onUpgrade)
  const pinging = setInterval(() => pingAll(connections.values(), hub.clock.monotonicMs()), PING_MS)
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(pinging)
      changes.stop()
      desks.held[Symbol.dispose]()
      for (const flusher of [desks.reports, desks.results]) await flusher[Symbol.asyncDispose]()
      acceptor.close()
      await Promise.all([...connections.values()].map(({ socket }) => closeSoon(socket)))
      await desks.links[Symbol.asyncDispose]()
      await desks.trips[Symbol.asyncDispose]()
    },
  }
}

/** Ends the streams of the connection. True if it was the device's newest one; a newer one stays. */
function depart(connections: Map<DeviceId, LinkConnection>, connection: LinkConnection): boolean {
  const { deviceId, jobs, commands } = connection
  jobs?.[Symbol.dispose]()
  commands?.[Symbol.dispose]()
  return connections.get(deviceId) === connection && connections.delete(deviceId)
}

const intervalFor = (devices: number) => Math.max(REPORT_INTERVAL_MS, (devices / REPORTS_PER_SECOND_MAX) * 1_000)

const handlerOf = (hub: Hub) =>
  new StandardRPCHandler<LinkCall>(linkRouter, {
    plugins: [new HibernationPlugin()],
    clientInterceptors: [guard(hub)],
  })

const desksOf = (hub: Hub, connections: ReadonlyMap<DeviceId, LinkConnection>) => ({
  reports: createReportFlusher(hub),
  results: createResultFlusher(hub),
  pace: createReportPace(hub),
  clocks: createClockWatch(hub),
  held: createHeldDesk(hub, connections),
  links: createLinkKeeper(hub),
  trips: createRoundTrips(hub),
  signerFor: linkSigners(hub.signing, hub.clock),
})

/** A device that is present answers a close at once. An absent one must not delay the end of the hub. */
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

const SESSION_MISSING = `the header ${LINK_SESSION_HEADER} must be 16 random bytes in base64url; update the agent`

type Refusal = { ok: false; code: Problem['code']; message: string }

async function admitPeer(
  hub: Hub,
  connections: ReadonlyMap<DeviceId, LinkConnection>,
  request: IncomingMessage,
  socket: Duplex,
): Promise<IdentityVerdict | Refusal> {
  const identity = await identifyPeer(hub, request, socket)
  const tooSoon = identity.ok ? hub.devicePacer.judge(identity.device.id, 'connect') : undefined
  if (tooSoon) return { ok: false, code: tooSoon.code, message: tooSoon.message }
  const older = identity.ok ? connections.get(identity.device.id) : undefined
  if (!identity.ok || !older || older.refusal || !(await isAnswering(older))) return identity
  // The hub rejects the newer connection. It cannot know which of the two is the copy, and the older one works.
  await tellOfRival(hub, identity.device, { kept: older.source, other: request.socket.remoteAddress ?? '' })
  const { code, message } = problem('device_duplicated')
  return { ok: false, code, message }
}

async function identifyPeer(hub: Hub, request: IncomingMessage, socket: Duplex): Promise<IdentityVerdict | Refusal> {
  if (pathOf(request) !== LINK_PATH) return { ok: false, code: 'route_unknown', message: `the link is ${LINK_PATH}` }
  if (hub.signal.aborted) return { ok: false, code: 'hub_unavailable', message: 'the hub is stopping; connect again' }
  const session = LinkSession.safeParse(request.headers[LINK_SESSION_HEADER])
  if (!session.success) return { ok: false, code: 'input_invalid', message: SESSION_MISSING }
  if (!(socket instanceof TLSSocket)) throw new Error('a device link without TLS')
  return identifyDevice(hub, socket)
}

function connectionOf(
  hub: Hub,
  socket: WebSocket,
  request: IncomingMessage,
  { device, notAfterMs, signerFor }: Known & { signerFor: ReturnType<typeof linkSigners> },
): LinkConnection {
  return {
    deviceId: device.id,
    organisationId: device.organisation_id,
    name: device.name,
    source: request.socket.remoteAddress ?? '',
    socket,
    sign: signerFor({ deviceId: device.id, session: LinkSession.parse(request.headers[LINK_SESSION_HEADER]) }),
    issuer: issuerOf(hub, request.socket),
    shown: device.shown_authority,
    notAfterMs,
    observedGeneration: undefined,
    desired: undefined,
    jobs: undefined,
    commands: undefined,
    held: undefined,
    mayDiffer: true,
    refusal: undefined,
    inFlight: 0,
    ended: 'closed',
    isAlive: true,
    pingedAtMs: undefined,
  }
}

/** Checked only if there are several issuers: a signature costs as much as the rest of a connection. */
function issuerOf({ authorities }: Hub, socket: Duplex): AuthorityId | undefined {
  if (authorities.issuers().length === 1) return authorities.active().id
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return shown && authorities.issuerOf(shown)
}

/**
 * Receives the messages of one device. A message passes only if the device may send, and has not too many requests in
 * flight.
 */
function hear(hub: Hub, connection: LinkConnection, answer: Answer): void {
  const { socket } = connection
  const peer = createLinkPeer((message) => socket.send(message), answer)
  const pass = async (text: string) => {
    if (connection.inFlight >= IN_FLIGHT_MAX || socket.bufferedAmount > BUFFERED_MAX) {
      return end(hub, connection, { code: CLOSE.tooMuch, reason: 'rate_limited' })
    }
    connection.inFlight += 1
    try {
      await peer.message(text)
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

type Answer = Parameters<typeof createLinkPeer>[1]

type Watched = { context: LinkCall; path: readonly string[]; next: () => Promise<unknown> }

/**
 * Wraps every procedure of the link. A device that may not continue gets the reason, and internal details do not leak.
 */
const guard =
  (hub: Hub) =>
  async ({ context: { connection }, path, next }: Watched): Promise<unknown> => {
    try {
      if (hub.clock.nowMs() > connection.notAfterMs) {
        connection.refusal ??= problem('certificate_lapsed')
      }
      if (connection.refusal) throw connection.refusal
      hub.devicePacer.admit(connection.deviceId, path[0] as keyof typeof link)
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
