/** Open access: a session of remote access, and its stream of bytes. */
import type { Duplex } from 'node:stream'
import { problemOf } from '@skerry/client/problem'
import { type AccessWish, SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import type { AccessGrantId, AccessSessionId } from '@skerry/contract/values/ids'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { socketStream } from '@skerry/platform/network/socket-stream'
import { exitCodes, Failure } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'

export type AccessRequest = {
  device: string
  grant: AccessGrantId | undefined
  /** Gets a grant for this reason if none covers the wish. */
  reason: string | undefined
  wish: AccessWish
}

export type OpenedAccess = { id: AccessSessionId; device: string; isModerated: boolean; stream: Duplex }

/** The hub ends idle streams after an hour. */
const LIMITS = { idleMs: 2 * 3_600_000, pingMs: 25_000 }

/** Opens a session, and connects to it. */
export async function openAccess(session: Session, request: AccessRequest): Promise<OpenedAccess> {
  const { connection, client } = await session.hub()
  const opened = await ticketFor(session, client, request)
  return connectTo(connection.hub, { id: opened.session.id, ticket: opened.ticket }, session.signal).then((stream) => ({
    id: opened.session.id,
    device: opened.session.device,
    isModerated: opened.session.isModerated === true,
    stream,
  }))
}

/** Connects to an open session with its ticket. */
export async function connectTo(
  hub: string,
  { id, ticket }: { id: AccessSessionId; ticket: string },
  signal: AbortSignal,
): Promise<Duplex> {
  const url = new URL(`${SESSION_STREAM_PATH}/${id}`, hub).href
  const dialled = await dialSocket(
    url,
    { protocols: [SESSION_PROTOCOL, ticket], messageBytesMax: STREAM_MESSAGE_MAX },
    signal,
  )
  if (dialled.ok) return socketStream(dialled.socket, LIMITS)
  const exitCode = dialled.status === undefined ? exitCodes.unreachable : exitCodes.failed
  throw new Failure({ code: dialled.code, message: dialled.message, exitCode })
}

/** The grant is for the folder of the file. */
const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/'

const UNCOVERED: ReadonlySet<string> = new Set(['grant_unknown', 'grant_exceeded', 'grant_expired'])

async function ticketFor(
  { signal, note }: Session,
  client: Hub['client'],
  { device, grant, reason, wish }: AccessRequest,
) {
  const asked = { device, wish, ...(grant !== undefined && { grant }) }
  try {
    return await client.access.open(asked, { signal })
  } catch (error) {
    if (reason === undefined || grant !== undefined || !UNCOVERED.has(problemOf(error).code)) throw error
  }
  const { kind, target, path } = wish
  const targets = target === undefined ? [] : [target]
  const made = await client.access.request(
    { device, kinds: [kind], targets, reason, ...(path !== undefined && { path: folderOf(path) }) },
    { signal },
  )
  note(`got the grant ${made.id} for an hour`)
  return client.access.open({ ...asked, grant: made.id }, { signal })
}
