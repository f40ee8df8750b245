/**
 * Session run: an open session, from its first byte to its record. A revoked or expired grant ends it at once, and so do
 * the end of the hub, a revoked key, and a recording that is full.
 */
import type { Duplex } from 'node:stream'
import { joinStreams } from '@skerry/platform/network/join-streams'
import { StreamCut } from '@skerry/platform/network/socket-stream'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { AccessGrantTable, AccessSessionTable } from '../store/tables/access/access-session-tables.ts'
import { moderate } from './moderation.ts'
import { type Recorder, startRecorder } from './recorder.ts'
import { endSession } from './session-end.ts'

export type OpenSession = { session: AccessSessionTable; grant: AccessGrantTable; deviceName: string; device: Duplex }

type Ends = { person: Duplex; device: Duplex }

/** Ends both sides with the reason. The first reason counts. */
type Cut = { (code: string): void; reason(): string | undefined }

/** The person's program reads the rest, and closes. */
const LEAVE_MS = 2_000

/** Passes bytes between both ends until one of them, the grant or the caller's key ends. */
export async function runSession(
  hub: Hub,
  open: OpenSession,
  { person, source }: { person: Duplex; source: string },
): Promise<void> {
  const { session, deviceName, device } = open
  const wish = fromJson(session.wish)
  const cut = cutter({ person, device })
  const over = new AbortController()
  const stop = watchSession(hub, open, cut)
  await moderate(hub, { session, grant: open.grant, person, device, cut }, over.signal)
  const title = `${deviceName}: ${fromJson(session.holder).name}`
  const recorder = wish.kind === 'shell' ? startRecorder({ hub, session, wish, title, onFull: cut }) : undefined
  const sent = listen(person, recorder?.fromPerson, cut)
  const received = listen(device, recorder?.fromDevice, cut)
  // A port has two directions. In all other streams the end of the device's side is the end.
  if (wish.target === undefined) device.once('end', () => setTimeout(() => person.destroy(), LEAVE_MS).unref())
  await joinStreams(person, device)
  stop()
  over.abort()
  const exitCode = recorder?.exitCode()
  const recording = await recorder?.finish()
  await endSession(hub, session, {
    state: 'ended',
    ended: endOf(cut, recorder),
    source,
    deviceName,
    inBytes: sent.bytes,
    outBytes: received.bytes,
    ...(exitCode !== undefined && { exitCode }),
    ...(recording && { recording }),
  })
}

/** A program that ended by itself has sent its exit code. */
const endOf = (cut: Cut, recorder: Recorder | undefined): string =>
  cut.reason() ?? (recorder && recorder.exitCode() === undefined ? 'connection_lost' : 'closed')

function cutter({ person, device }: Ends): Cut {
  let reason: string | undefined
  const cut = (code: string) => {
    reason ??= code
    for (const each of [person, device]) each.destroy(new StreamCut(code))
  }
  // A reason of the other side of an end counts too.
  for (const each of [person, device]) {
    each.once('error', (error) => {
      if (error instanceof StreamCut && error.code !== '') cut(error.code)
    })
  }
  return Object.assign(cut, { reason: () => reason })
}

/** Counts the bytes of one end, and passes them to the recorder. */
function listen(end: Duplex, hear: ((piece: Uint8Array) => void) | undefined, cut: Cut): { bytes: number } {
  const counted = { bytes: 0 }
  end.on('data', (piece: Buffer) => {
    counted.bytes += piece.byteLength
    try {
      hear?.(piece)
    } catch {
      cut('input_invalid')
    }
  })
  return counted
}

/** Ends the session when somebody stops it, when its grant is revoked or over, and when the key of its caller is revoked. */
function watchSession(hub: Hub, { session, grant }: OpenSession, cut: Cut): () => void {
  const stop = new AbortController()
  const look = async () => {
    const row = await hub.store.db
      .selectFrom('access_grants')
      .select('revoked')
      .where('organisation_id', '=', session.organisation_id)
      .where('id', '=', grant.id)
      .executeTakeFirst()
    if (!row || row.revoked !== null) return cut('grant_revoked')
    const said = await hub.store.db
      .selectFrom('access_sessions')
      .select('ended')
      .where('id', '=', session.id)
      .executeTakeFirst()
    if (said && said.ended !== null) cut(said.ended)
  }
  const lookSafely = () =>
    void look().catch((error: unknown) => hub.log.warn('grant_unread', { grant: grant.id, error }))
  const stops = [
    hub.bus.subscribe('access.changed', grant.id, lookSafely),
    hub.bus.subscribe('everything.changed', undefined, lookSafely),
    hub.bus.subscribe('key.changed', fromJson(session.holder).id, () => cut('key_invalid')),
  ]
  // The grant may have been revoked between its judgement and the subscription.
  lookSafely()
  hub.signal.addEventListener('abort', () => cut('hub_unavailable'), { once: true, signal: stop.signal })
  if (hub.signal.aborted) cut('hub_unavailable')
  void hub.clock.sleep(Math.max(0, grant.expires_at_ms - hub.clock.nowMs()), stop.signal).then(
    () => cut('grant_expired'),
    () => undefined,
  )
  return () => {
    stop.abort()
    for (const each of stops) each()
  }
}
