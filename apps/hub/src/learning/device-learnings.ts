/** Device learnings: the orders that a device should have, derived at each look, and the progress that it reports. */
import {
  HELD_MARKS_MAX,
  type HeldLearnings,
  KEPT_DETECTORS_MAX,
  type KeptDetector,
  LEARNING_ORDERS_MAX,
  type LearningOrder,
  type LearningsDocument,
} from '@skerry/contract/held/learnings'
import { keptRowsOf } from '@skerry/contract/learning/learning'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { HeldPlace } from '../held/held-document.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { federatedFleet } from './fleet/together/together-store.ts'
import { detectorsOf, liveLearningsOf, saveProgress, storedRows } from './learning-store.ts'
import { heldMarkOf, marksOfDevice, saveMarkRows } from './mark-store.ts'

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newLearningOrders(
  db: Db,
  { id: deviceId }: Pick<DeviceTable, 'id'>,
  held: HeldLearnings,
): Promise<LearningsDocument | undefined> {
  const rows = await liveLearningsOf(db, deviceId)
  const orders: LearningOrder[] = []
  for (const row of rows.slice(0, LEARNING_ORDERS_MAX)) orders.push(await orderOf(db, row))
  const kept = await keptDetectors(db, deviceId)
  if (held.revision === undefined && orders.length === 0 && kept.length === 0) return undefined
  const named = new Set([...orders, ...kept].map(({ spec }) => spec.name))
  const marks = (await marksOfDevice(db, deviceId)).filter(({ name }) => named.has(name)).map(heldMarkOf)
  const more = {
    ...(kept.length > 0 && { kept }),
    ...(marks.length > 0 && { marks: marks.slice(0, HELD_MARKS_MAX) }),
  }
  // Without them, the revision is that of hubs from before they existed.
  const revision = digestOf(canonicalJson(kept.length + marks.length > 0 ? { orders, ...more } : orders))
  return revision === held.revision ? undefined : { v: 1, deviceId, revision, orders, ...more }
}

async function orderOf(db: Db, row: LearningTable): Promise<LearningOrder> {
  const federated = await federatedFleet(db, row)
  const { campaign, joint } = federated?.state ?? {}
  return {
    learning: row.id,
    spec: fromJson(row.spec),
    seed: Number(row.seed),
    ...(campaign && { together: { campaign, ...(joint && { joint }) } }),
  }
}

/** The detectors whose newest rows the device keeps. */
async function keptDetectors(db: Db, deviceId: DeviceTable['id']): Promise<KeptDetector[]> {
  const rows = await detectorsOf(db, deviceId)
  return rows
    .map((row): KeptDetector => ({ learning: row.id, spec: fromJson(row.spec) }))
    .filter(({ spec }) => keptRowsOf(spec) > 0)
    .slice(0, KEPT_DETECTORS_MAX)
}

type Moved = { row: Awaited<ReturnType<typeof liveLearningsOf>>[number]; progress: HeldLearnings['progress'][number] }

async function movedLearnings(db: Db, { deviceId }: HeldPlace, { progress }: HeldLearnings): Promise<Moved[]> {
  if (progress.length === 0) return []
  const rows = await liveLearningsOf(db, deviceId)
  return rows.flatMap((row) => {
    const found = progress.find(({ learning }) => learning === row.id)
    return found && isMoved(row, found) ? [{ row, progress: found }] : []
  })
}

function isMoved(row: Moved['row'], { phase, rows, problem, shadow }: Moved['progress']): boolean {
  // A device that has begun again does not know yet that its result is published.
  if (row.phase === 'shadow' && phase !== 'shadow') return false
  // Without a result there is nothing to try.
  if (row.phase !== 'shadow' && phase === 'shadow') return false
  if (shadow && canonicalJson(shadow) !== canonicalJson(shadowIn(row) ?? null)) return true
  return phase !== row.phase || rows !== row.rows || (problem ?? null) !== row.reason
}

const shadowIn = ({ outcome }: Moved['row']) => (outcome === null ? undefined : fromJson(outcome).shadow)

/** Marks of whose rows the device has reported something new. */
async function movedMarks(db: Db, { deviceId }: HeldPlace, { marks = [] }: HeldLearnings) {
  if (marks.length === 0) return []
  const rows = await marksOfDevice(db, deviceId)
  return marks.filter(({ mark, rows: kept }) => rows.some((row) => row.id === mark && row.rows !== storedRows(kept)))
}

export const isProgressNews = async (db: Db, place: HeldPlace, held: HeldLearnings): Promise<boolean> =>
  (await movedLearnings(db, place, held)).length + (await movedMarks(db, place, held)).length > 0

export async function keepProgress(tx: Tx, place: HeldPlace, held: HeldLearnings): Promise<void> {
  for (const { mark, rows } of await movedMarks(tx, place, held)) await saveMarkRows(tx, mark, storedRows(rows))
  for (const { row, progress } of await movedLearnings(tx, place, held))
    await saveProgress(tx, row.id, {
      phase: progress.phase,
      rows: progress.rows,
      reason: progress.problem ?? null,
      ...(progress.shadow &&
        row.outcome !== null && { outcome: { ...fromJson(row.outcome), shadow: progress.shadow } }),
    })
}
