/** Device learnings: the orders that a device should have, derived at each look, and the progress that it reports. */
import {
  type HeldLearnings,
  LEARNING_ORDERS_MAX,
  type LearningOrder,
  type LearningsDocument,
} from '@skerry/contract/held/learnings'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { HeldPlace } from '../held/held-document.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { liveLearningsOf, saveProgress } from './learning-store.ts'

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newLearningOrders(
  db: Db,
  { id: deviceId }: Pick<DeviceTable, 'id'>,
  held: HeldLearnings,
): Promise<LearningsDocument | undefined> {
  const rows = await liveLearningsOf(db, deviceId)
  const orders = rows
    .slice(0, LEARNING_ORDERS_MAX)
    .map((row): LearningOrder => ({ learning: row.id, spec: fromJson(row.spec), seed: Number(row.seed) }))
  if (held.revision === undefined && orders.length === 0) return undefined
  const revision = digestOf(canonicalJson(orders))
  return revision === held.revision ? undefined : { v: 1, deviceId, revision, orders }
}

type Moved = { row: Awaited<ReturnType<typeof liveLearningsOf>>[number]; progress: HeldLearnings['progress'][number] }

async function movedLearnings(db: Db, { deviceId }: HeldPlace, { progress }: HeldLearnings): Promise<Moved[]> {
  if (progress.length === 0) return []
  const rows = await liveLearningsOf(db, deviceId)
  return rows.flatMap((row) => {
    const found = progress.find(({ learning }) => learning === row.id)
    const isSame = found?.phase === row.phase && found.rows === row.rows && (found.problem ?? null) === row.reason
    return found && !isSame ? [{ row, progress: found }] : []
  })
}

export const isProgressNews = async (db: Db, place: HeldPlace, held: HeldLearnings): Promise<boolean> =>
  (await movedLearnings(db, place, held)).length > 0

export async function keepProgress(tx: Tx, place: HeldPlace, held: HeldLearnings): Promise<void> {
  for (const { row, progress } of await movedLearnings(tx, place, held))
    await saveProgress(tx, row.id, { phase: progress.phase, rows: progress.rows, reason: progress.problem ?? null })
}
