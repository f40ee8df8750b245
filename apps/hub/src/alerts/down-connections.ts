/**
 * Down connections: the sources and sinks that have been down for minutes. A quarantined or rejected one is no part of
 * it, because the device reports a condition for it.
 */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { type AlertFacts, DOWN_MS, type DownGroup } from '@skerry/core/alerts/alert-facts'
import { countDown, listDown } from '../connections/connection-states.ts'
import type { Db } from '../store/store.ts'
import type { GroupWish } from './device-groups.ts'

/** As many as an alert names. */
const NAMED_MAX = 5

export async function downConnections(db: Db, wish: GroupWish): Promise<AlertFacts['down']> {
  return { source: await downOf(db, wish, 'source'), sink: await downOf(db, wish, 'sink') }
}

async function downOf(db: Db, { organisationId, nowMs }: GroupWish, kind: ConnectionKind): Promise<DownGroup> {
  const wish = { organisationId, nowMs, kind, states: ['down', 'crashed'] as const, beforeMs: nowMs - DOWN_MS }
  const rows = await listDown(db, wish, NAMED_MAX)
  if (rows.length === 0) return { count: 0, oldest: [] }
  const oldest = rows.map(({ name, device, sinceMs, message }) => ({
    name,
    device,
    sinceMs: Number(sinceMs),
    ...(message !== null && { message }),
  }))
  return { count: await countDown(db, wish), oldest }
}
