/**
 * Issued store: the desired documents that this hub issued, from the one that each device last reported. The hub looks
 * a reported document up here. If it is missing, another past of the database issued it: a hub that was restored from a
 * backup has lost some.
 */
import type { DesiredDocument, DesiredItem } from '@skerry/contract/devices/desired'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { nextGeneration } from '@skerry/core/device/generation'
import { sql } from 'kysely'
import { compileFirst } from '../store/compiled-query.ts'
import { fromJson, type Json, toJson } from '../store/json-column.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DesiredDocumentTable } from '../store/tables/foundation-tables.ts'

/** The newest document of the device; undefined before the first. */
export async function newestDocument(db: Db, deviceId: DeviceId): Promise<DesiredDocument | undefined> {
  const row = await newestRow(db, deviceId)
  return row && { v: 1, deviceId, generation: row.generation, digest: row.digest, items: fromJson(row.items) }
}

const newestRow = compileFirst((db, deviceId) =>
  db
    .selectFrom('desired_documents')
    .selectAll()
    .where('device_id', '=', deviceId as DeviceId)
    .orderBy('generation', 'desc')
    .limit(sql.lit(1)),
)

/** A stored document without its items. */
export type IssuedDocument = { deviceId: DeviceId; generation: number; digest: Digest }

/** All stored documents of these devices; each device has few. */
export async function issuedDocuments(db: Db, deviceIds: readonly DeviceId[]): Promise<IssuedDocument[]> {
  if (deviceIds.length === 0) return []
  return db
    .selectFrom('desired_documents')
    .select(['device_id as deviceId', 'generation', 'digest'])
    .where('device_id', 'in', padded(deviceIds))
    .execute()
}

/** The state of a device and its documents. */
export type DocumentStanding = {
  organisationId: OrganisationId
  /** The newest issued generation; 0 before the first. */
  generation: number
  /** The digest of the newest document. */
  digest: Digest | undefined
  /** The generation that the device reported; 0 before its first document. */
  observed: number
  /** The digest that the device reported. */
  observedDigest: Digest | undefined
}

/** The devices among these that may receive an offer. */
export async function activeStandings(
  db: Db,
  deviceIds: readonly DeviceId[],
): Promise<Map<DeviceId, DocumentStanding>> {
  const rows = await standings(db, deviceIds).where('devices.status', '=', 'active').execute()
  return new Map(rows.map((row) => [row.id, standingOf(row)]))
}

const standings = (db: Db, deviceIds: readonly DeviceId[]) =>
  db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .leftJoin('desired_documents', (join) =>
      join
        .onRef('desired_documents.device_id', '=', 'devices.id')
        .onRef('desired_documents.generation', '=', 'devices.generation'),
    )
    .select(['devices.id', 'devices.organisation_id', 'devices.generation'])
    .select(['device_reports.observed_generation', 'device_reports.observed_digest', 'desired_documents.digest'])
    .where('devices.id', 'in', padded(deviceIds))

type StandingRow = Awaited<ReturnType<ReturnType<typeof standings>['execute']>>[number]

const standingOf = (row: StandingRow): DocumentStanding => ({
  organisationId: row.organisation_id,
  generation: row.generation,
  digest: row.digest ?? undefined,
  observed: row.observed_generation ?? 0,
  observedDigest: row.observed_digest ?? undefined,
})

export type NewDocument = { deviceId: DeviceId; items: DesiredItem[]; digest: Digest; standing: DocumentStanding }

/** The generation that counts now, and whether this call issued it. */
export type IssuedGeneration = { deviceId: DeviceId; generation: number; isNew: boolean }

/**
 * Issues the items as the device's next generation. It is above all generations that this hub issued and that the
 * device reported, so that a restored hub continues at the device's generation. Nothing happens if the newest document
 * has the digest already, and the device is not astray. Publish `desired.changed` after the commit.
 */
export async function issueDocuments(
  tx: Tx,
  documents: readonly NewDocument[],
  nowMs: number,
): Promise<IssuedGeneration[]> {
  const issued = documents.map(({ deviceId, digest, standing }) => {
    const { generation, observed } = standing
    const isNew = standing.digest !== digest || isAstray(standing)
    return { deviceId, generation: isNew ? nextGeneration(generation, observed) : generation, isNew }
  })
  const texts = new Map(documents.map(({ items }) => [items, '' as Json<DesiredItem[]>]))
  for (const items of texts.keys()) texts.set(items, toJson(items))
  const rows = documents.flatMap(({ deviceId, items, digest, standing }, index): DesiredDocumentTable[] => {
    const { generation = 0, isNew = false } = issued[index] ?? {}
    const row = { device_id: deviceId, organisation_id: standing.organisationId, generation, digest }
    return isNew ? [{ ...row, items: texts.get(items) ?? toJson(items), created_at_ms: nowMs }] : []
  })
  for (const piece of piecesOf(rows)) await tx.insertInto('desired_documents').values(piece).execute()
  for (const [generation, group] of Map.groupBy(rows, (row) => row.generation)) {
    const ids = padded(group.map(({ device_id }) => device_id))
    await tx.updateTable('devices').set({ generation }).where('id', 'in', ids).execute()
  }
  return issued
}

/**
 * Whether the device follows a document that this hub never issued: a later generation, or another document of the same
 * one.
 */
const isAstray = ({ generation, digest, observed, observedDigest }: DocumentStanding): boolean =>
  observed > generation || (observed === generation && observedDigest !== digest)

/** The same for one device, regardless of its status. */
export async function issueDocument(
  tx: Tx,
  { nowMs, ...document }: Omit<NewDocument, 'standing'> & { nowMs: number },
): Promise<IssuedGeneration> {
  const row = await standings(tx, [document.deviceId]).executeTakeFirstOrThrow()
  const [issued] = await issueDocuments(tx, [{ ...document, standing: standingOf(row) }], nowMs)
  if (!issued) throw new Error(`no generation was issued to ${document.deviceId}`)
  return issued
}

/** Deletes documents of these devices that are older than the reported one; the newest always stays. */
export async function forgetOlderDocuments(tx: Tx, deviceIds: readonly DeviceId[]): Promise<void> {
  await tx
    .deleteFrom('desired_documents')
    .where('device_id', 'in', padded(deviceIds))
    .where('generation', '<', (select) =>
      select
        .selectFrom('device_reports')
        .select('observed_generation')
        .whereRef('device_reports.device_id', '=', 'desired_documents.device_id'),
    )
    .where('generation', '<', (select) =>
      select.selectFrom('devices').select('generation').whereRef('devices.id', '=', 'desired_documents.device_id'),
    )
    .execute()
}
