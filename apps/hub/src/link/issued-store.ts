/**
 * Issued store: every desired document that this hub gave a generation, from the one that the device last reported on. What a device reports
 * is looked for here; what is not found was issued by another past (a hub that was restored from a backup has forgotten some).
 */
import type { DesiredDocument, DesiredItem } from '@skerry/contract/desired'
import type { Digest } from '@skerry/contract/digest'
import type { DeviceId } from '@skerry/contract/ids'
import { nextGeneration } from '@skerry/core/generation'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'

/** The newest document of the device; undefined before the first. */
export async function newestDocument(db: Db, deviceId: DeviceId): Promise<DesiredDocument | undefined> {
  const row = await db
    .selectFrom('desired_documents')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('generation', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && { v: 1, deviceId, generation: row.generation, digest: row.digest, items: fromJson(row.items) }
}

/** The digest that was issued under the generation; undefined when this hub knows of none. */
export async function issuedDigest(db: Db, deviceId: DeviceId, generation: number): Promise<Digest | undefined> {
  const row = await db
    .selectFrom('desired_documents')
    .select('digest')
    .where('device_id', '=', deviceId)
    .where('generation', '=', generation)
    .executeTakeFirst()
  return row?.digest
}

/** The oldest generation that is still kept; undefined when there is none. */
export async function oldestGeneration(db: Db, deviceId: DeviceId): Promise<number | undefined> {
  const row = await db
    .selectFrom('desired_documents')
    .select(({ fn }) => fn.min('generation').as('generation'))
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return row?.generation ?? undefined
}

export type NewDocument = { deviceId: DeviceId; items: DesiredItem[]; digest: Digest; nowMs: number }

/**
 * Gives the items the device's next generation: above all that this hub issued, and above what the device reported, so that a restored hub
 * goes on where the device stands. Nothing happens where the newest document has the digest already. Publish `desired.changed` after the
 * commit. Gives the generation that counts now.
 */
export async function issueDocument(
  tx: Tx,
  { deviceId, items, digest, nowMs }: NewDocument,
): Promise<{ generation: number; isNew: boolean }> {
  const device = await tx
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .select(['devices.organisation_id', 'devices.generation', 'device_reports.observed_generation'])
    .where('devices.id', '=', deviceId)
    .executeTakeFirstOrThrow()
  const newest = await issuedDigest(tx, deviceId, device.generation)
  const observed = device.observed_generation ?? 0
  if (newest === digest && observed <= device.generation) return { generation: device.generation, isNew: false }
  const generation = nextGeneration(device.generation, observed)
  await tx
    .insertInto('desired_documents')
    .values({
      device_id: deviceId,
      organisation_id: device.organisation_id,
      generation,
      digest,
      items: toJson(items),
      created_at_ms: nowMs,
    })
    .execute()
  await tx.updateTable('devices').set({ generation }).where('id', '=', deviceId).execute()
  return { generation, isNew: true }
}

/** Forgets documents older than the one that the device has reported on; the newest always stays. */
export async function forgetOlderDocuments(tx: Tx, deviceId: DeviceId, observedGeneration: number): Promise<void> {
  await tx
    .deleteFrom('desired_documents')
    .where('device_id', '=', deviceId)
    .where('generation', '<', observedGeneration)
    .where('generation', '<', (select) => select.selectFrom('devices').select('generation').where('id', '=', deviceId))
    .execute()
}
