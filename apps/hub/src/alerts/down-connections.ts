/**
 * Down connections: the sources and sinks that are down, for so long that it is an alert or not yet. A quarantined or rejected one is no part of
 * it, because the device reports a condition for it.
 */
import type { NewlyDown } from '@skerry/contract/alerts/alert'
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

const DOWN_STATES = ['down', 'crashed'] as const

async function downOf(db: Db, { organisationId, nowMs }: GroupWish, kind: ConnectionKind): Promise<DownGroup> {
  const wish = { organisationId, nowMs, kind, states: DOWN_STATES, beforeMs: nowMs - DOWN_MS }
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

/** The sources and sinks whose alert follows. */
export async function newlyDownConnections(db: Db, { organisationId, nowMs }: GroupWish): Promise<NewlyDown[]> {
  const found: NewlyDown[] = []
  for (const kind of ['source', 'sink'] as const) {
    // The clock of a device may be ahead of the hub's.
    const times = { fromMs: nowMs - DOWN_MS + 1, beforeMs: Number.MAX_SAFE_INTEGER }
    const wish = { organisationId, nowMs, kind, states: DOWN_STATES, ...times }
    const [first] = await listDown(db, wish, 1)
    if (!first) continue
    const { name, device } = first
    const sinceMs = Math.min(Number(first.sinceMs), nowMs)
    found.push({ kind, count: await countDown(db, wish), name, device, sinceMs, alertAtMs: sinceMs + DOWN_MS })
  }
  return found
}
