/**
 * Session end: the end of a session in its record and in the audit trail, with the digest of its recording. A sweep ends
 * the sessions of a hub that was killed, and the ones that nobody connected to.
 */
import { type AccessRecording, TICKET_SECONDS } from '@skerry/contract/access/access'
import { appendAudit } from '../audit/audit-store.ts'
import { problemOf } from '../http/admission/call-watch.ts'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { AccessSessionTable } from '../store/tables/access/access-session-tables.ts'
import { describeRecording } from './recording-store.ts'
import { watcherNames } from './watcher-store.ts'

export type SessionEnd =
  | { state: 'failed'; error: unknown }
  | {
      state: 'ended'
      ended: string
      source?: string
      deviceName?: string
      inBytes?: number
      outBytes?: number
      exitCode?: number
      recording?: AccessRecording
    }

/** Records the end, once. */
export async function endSession(hub: Hub, session: AccessSessionTable, end: SessionEnd): Promise<void> {
  const atMs = hub.clock.nowMs()
  const code = end.state === 'failed' ? problemOf(end.error).code : end.ended
  const { exitCode, recording, source, deviceName, inBytes, outBytes } = end.state === 'ended' ? end : ({} as never)
  const wish = fromJson(session.wish)
  try {
    await hub.store.transaction(async (tx) => {
      const changed = await tx
        .updateTable('access_sessions')
        .set({
          state: end.state,
          ended: code,
          ended_at_ms: atMs,
          exit_code: exitCode ?? null,
          recording: recording ? toJson(recording) : null,
        })
        .where('id', '=', session.id)
        .where('state', 'in', ['waiting', 'open'])
        .executeTakeFirst()
      if (Number(changed.numUpdatedRows) === 0) return
      const watchers = await watcherNames(tx, session.id)
      await appendAudit(tx, {
        organisationId: session.organisation_id,
        atMs,
        actor: fromJson(session.holder),
        action: 'access.end',
        ...(source !== undefined && { source }),
        result: 'ok',
        object: { kind: 'access', id: session.id },
        detail: {
          device: deviceName ?? session.device_id,
          grant: session.grant_id,
          kind: wish.kind,
          ended: code,
          seconds: Math.max(0, Math.round((atMs - session.created_at_ms) / 1_000)),
          ...(wish.target !== undefined && { target: wish.target }),
          ...(inBytes !== undefined && { inBytes, outBytes: outBytes ?? 0 }),
          ...(exitCode !== undefined && { exitCode }),
          ...(recording && { recording }),
          ...(watchers.length > 0 && { watchers }),
        },
      })
    })
  } finally {
    hub.accessSessions.delete(session.id)
  }
  hub.bus.publish('audit.appended', session.organisation_id)
}

/** Sessions that one pass ends; more follow in the next pass. */
const BATCH_MAX = 50

/** Ends sessions that have no connection: nobody came with the ticket, or their hub is gone. */
export async function sweepSessions(hub: Hub): Promise<void> {
  const { store, clock, cluster, accessSessions } = hub
  const rows = await store.db
    .selectFrom('access_sessions')
    .selectAll()
    .where('state', 'in', ['waiting', 'open'])
    .orderBy('created_at_ms')
    .limit(BATCH_MAX)
    .execute()
  if (rows.length === 0) return
  const present = new Set((await cluster.members()).map(({ hubId }) => hubId))
  for (const row of rows) {
    const isLate = clock.nowMs() - row.created_at_ms > 2 * TICKET_SECONDS * 1_000
    const isLost =
      row.hub_id !== null && (row.hub_id === cluster.hubId ? !accessSessions.has(row.id) : !present.has(row.hub_id))
    if (row.state === 'waiting' && isLate) await endSession(hub, row, { state: 'ended', ended: 'ticket_unused' })
    if (row.state === 'open' && isLost) {
      const recording = await describeRecording(store.db, row, { isWhole: false })
      await endSession(hub, row, { state: 'ended', ended: 'hub_lost', ...(recording && { recording }) })
    }
  }
}
