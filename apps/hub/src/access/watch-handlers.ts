/** Handlers of the procedures by which a person watches the terminal of another one, and ends it. */
import { RECORDING_BYTES_MAX, WATCHED_SECONDS, WATCHERS_MAX } from '@skerry/contract/access/access'
import type { AccessSessionId } from '@skerry/contract/values/ids'
import { knownDevice } from '../devices/device-handlers.ts'
import type { KeyCall } from '../http/call.ts'
import { type HandlersOf, os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { accessSessionOf, findAccessSession, sessionExtras } from './access-store.ts'
import { recordingAfter } from './recording-store.ts'
import { findWatcher, saveWatcher, watchersOf } from './watcher-store.ts'

export const watchHandlers: HandlersOf<'access', 'watch' | 'live' | 'stop'> = {
  watch: os.access.watch.handler(async ({ context, input }) => {
    const { hub, organisationId, caller } = context
    const watched = await context.change(async (tx, note) => {
      const { row, session } = await knownSession(context, tx, input)
      note.object = { kind: 'access', id: session.id }
      note.detail = { device: row.name, holder: fromJson(session.holder).name }
      if (!isOpen(session)) throw problem('access_unwatched')
      const nowMs = hub.clock.nowMs()
      if ((await watchersOf(tx, [session.id], nowMs)).length >= WATCHERS_MAX) throw problem('access_full')
      await saveWatcher(tx, {
        organisation_id: organisationId,
        session_id: session.id,
        person_id: caller.personId,
        name: caller.name,
        seen_at_ms: nowMs,
      })
      return accessSessionOf(session, row.name, (await sessionExtras(tx, [session], nowMs)).get(session.id))
    })
    hub.bus.publish('access.changed', watched.grant)
    return watched
  }),
  live: os.access.live.handler(async ({ context, input: { after, ...input } }) => {
    const { hub, caller } = context
    const { row, session } = await knownSession(context, hub.store.db, input)
    const watcher = await findWatcher(hub.store.db, { id: session.id, personId: caller.personId })
    if (!watcher) throw problem('access_unwatched')
    const nowMs = hub.clock.nowMs()
    // A write for each look of each person would be waste: a third of the time is soon enough.
    const isStale = nowMs - Number(watcher.seen_at_ms) > (WATCHED_SECONDS * 1_000) / 3
    if (isStale && isOpen(session)) {
      await hub.store.transaction((tx) => saveWatcher(tx, { ...watcher, seen_at_ms: nowMs }))
    }
    const parts = await recordingAfter(hub.store.db, session, { after, bytesMax: RECORDING_BYTES_MAX })
    const extras = await sessionExtras(hub.store.db, [session], nowMs)
    return { session: accessSessionOf(session, row.name, extras.get(session.id)), ...parts }
  }),
  stop: os.access.stop.handler(async ({ context, input: { reason, ...input } }) => {
    const { hub } = context
    const stopped = await context.change(async (tx, note) => {
      const { row, session } = await knownSession(context, tx, input)
      note.object = { kind: 'access', id: session.id }
      note.detail = { device: row.name, reason, holder: fromJson(session.holder).name }
      // The hub with the session reads this, and ends it. An ended session keeps its own end.
      if (isOpen(session)) {
        const ended = 'session_stopped'
        await tx.updateTable('access_sessions').set({ ended }).where('id', '=', session.id).execute()
      }
      const { ended, ...shown } = accessSessionOf(session, row.name)
      return isOpen(session) ? shown : { ...shown, ...(ended !== undefined && { ended }) }
    })
    hub.bus.publish('access.changed', stopped.grant)
    return stopped
  }),
}

const isOpen = ({ state }: { state: string }) => state === 'waiting' || state === 'open'

type Named = { device: string; accessSession: AccessSessionId }

async function knownSession({ organisationId }: KeyCall, db: Db, { device, accessSession }: Named) {
  const row = await knownDevice(db, organisationId, device)
  const session = await findAccessSession(db, { organisationId, deviceId: row.id }, accessSession)
  if (!session) throw problem('access_session_unknown')
  return { row, session }
}
