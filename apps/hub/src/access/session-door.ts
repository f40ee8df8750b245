/**
 * Session door: accepts the WebSocket of a person or program with the ticket of a session, and connects it with the
 * device. The ticket counts once, and for half a minute. The grant is judged again at this moment, and while the session
 * is open: a revoked or expired grant ends it at once.
 */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type AccessOrder,
  AccessTicket,
  SESSION_PROTOCOL,
  SESSION_STREAM_PATH,
  TICKET_SECONDS,
} from '@skerry/contract/access/access'
import { STREAM_MESSAGE_MAX, type StreamParams } from '@skerry/contract/streams/stream'
import { AccessSessionId } from '@skerry/contract/values/ids'
import { judgeGrant } from '@skerry/core/access/judge-grant'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { WebSocketServer } from 'ws'
import { findDeviceById } from '../devices/device-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { pathOf, type Upgrades } from '../http/upgrades.ts'
import type { Hub } from '../hub.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { fromJson } from '../store/json-column.ts'
import type { AccessGrantTable, AccessSessionTable } from '../store/tables/access/access-session-tables.ts'
import { openStream } from '../streams/open-stream.ts'
import { STREAM_LIMITS } from '../streams/stream-doors.ts'
import { grantFacts, ticketHash } from './access-store.ts'
import { endSession } from './session-end.ts'
import { type OpenSession, runSession } from './session-run.ts'

/** Adds the path of sessions. */
export function attachSessions(upgrades: Upgrades, hub: Hub): AsyncDisposable {
  const running = new Set<Promise<void>>()
  const acceptor = new WebSocketServer({
    noServer: true,
    maxPayload: STREAM_MESSAGE_MAX,
    perMessageDeflate: false,
    handleProtocols: () => SESSION_PROTOCOL,
  })
  upgrades.take(SESSION_STREAM_PATH, async (request, socket, head) => {
    refuseOtherPages(request)
    const opened = await openSession(hub, request, socket)
    acceptor.handleUpgrade(request, socket, head, (webSocket) => {
      const person = socketStream(webSocket, STREAM_LIMITS)
      const run = runSession(hub, opened, { person, source: request.socket.remoteAddress ?? '' }).catch(
        (error: unknown) => hub.log.error('access_session_failed', { session: opened.session.id, error }),
      )
      running.add(run)
      void run.finally(() => running.delete(run))
    })
  })
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(running)
      acceptor.close()
    },
  }
}

/**
 * [RFC 6455 10.2] Browsers send the page's origin, and any page may open a WebSocket. The ticket already keeps other
 * pages out; this keeps them out twice.
 */
function refuseOtherPages({ headers: { origin, host } }: IncomingMessage): void {
  if (origin !== undefined && origin !== `https://${host}`) throw problem('origin_refused')
}

/** Uses the ticket, and opens the device's end. */
async function openSession(hub: Hub, request: IncomingMessage, socket: Duplex): Promise<OpenSession> {
  const session = await useTicket(hub, request)
  const left = new AbortController()
  const leave = () => left.abort()
  socket.once('close', leave)
  try {
    const grant = await hub.store.db
      .selectFrom('access_grants')
      .selectAll()
      .where('id', '=', session.grant_id)
      .executeTakeFirst()
    const row = await findDeviceById(hub.store.db, session.device_id)
    if (!grant || !row) throw problem('grant_unknown')
    refuseQuarantined(row)
    const wish = fromJson(session.wish)
    const verdict = judgeGrant(grantFacts(grant), wish, hub.clock.nowMs())
    if (!verdict.ok) throwProblem(verdict)
    const order = orderOf(session, grant, verdict.untilMs - hub.clock.nowMs()) as StreamParams
    const question = { payer: session.organisation_id, use: wish.kind, params: order }
    const opened = await openStream(hub, session.device_id, question, AbortSignal.any([left.signal, hub.signal]))
    if (!opened.ok) throw problem(opened.code, opened.message)
    return { session, grant, deviceName: row.name, device: opened.stream }
  } catch (error) {
    await endSession(hub, session, { state: 'failed', error })
    throw error
  } finally {
    socket.off('close', leave)
  }
}

/** The waiting session of the ticket. It is open from now on, so that no second connection can use the ticket. */
async function useTicket(hub: Hub, request: IncomingMessage): Promise<AccessSessionTable> {
  const id = AccessSessionId.safeParse(pathOf(request).slice(SESSION_STREAM_PATH.length + 1))
  const words = String(request.headers['sec-websocket-protocol'] ?? '').split(/, */)
  const ticket = words.find((word) => AccessTicket.safeParse(word).success)
  if (!id.success || ticket === undefined || !words.includes(SESSION_PROTOCOL)) throw problem('ticket_invalid')
  return hub.store.transaction(async (tx) => {
    const row = await tx
      .selectFrom('access_sessions')
      .selectAll()
      .where('id', '=', id.data)
      .where('ticket_hash', '=', ticketHash(ticket))
      .executeTakeFirst()
    const isLate = row !== undefined && hub.clock.nowMs() - row.created_at_ms > TICKET_SECONDS * 1_000
    if (row?.state !== 'waiting' || isLate) throw problem('ticket_invalid')
    const { hubId } = hub.cluster
    hub.accessSessions.add(row.id)
    await tx.updateTable('access_sessions').set({ state: 'open', hub_id: hubId }).where('id', '=', row.id).execute()
    return { ...row, state: 'open' as const, hub_id: hubId }
  })
}

function orderOf(session: AccessSessionTable, grant: AccessGrantTable, remainingMs: number): AccessOrder {
  const { kinds, targets, path, reason } = fromJson(grant.spec)
  return {
    session: session.id,
    device: session.device_id,
    grant: {
      id: grant.id,
      holder: fromJson(session.holder).name,
      reason,
      kinds,
      targets,
      ...(path !== undefined && { path }),
      remainingMs: Math.max(0, remainingMs),
    },
    wish: fromJson(session.wish),
  }
}
