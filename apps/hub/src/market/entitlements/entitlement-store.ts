/** Entitlement store: entitlements to listings, and emergency periods of devices, as records. */
import type { EmergencyPeriod, Entitlement } from '@skerry/contract/market/entitlement'
import { ENTITLEMENTS_MAX } from '@skerry/contract/market/entitlement'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { entitlementNotice, entitlementState } from '@skerry/core/market/entitlements/judge-entitlements'
import { fromJson } from '../../store/json-column.ts'
import type { Db, Tx } from '../../store/store.ts'
import type { MarketEmergencyTable, MarketEntitlementTable } from '../../store/tables/market/market-tables.ts'

/** All of them, or those to one listing; the newest first. */
export const listEntitlements = (
  db: Db,
  { organisationId, listing }: { organisationId: OrganisationId; listing?: string },
): Promise<MarketEntitlementTable[]> =>
  db
    .selectFrom('market_entitlements')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(listing !== undefined, (select) => select.where('listing', '=', listing ?? ''))
    .orderBy('added_at_ms', 'desc')
    .orderBy('digest')
    .limit(ENTITLEMENTS_MAX)
    .execute()

/** The same document again changes nothing. */
export async function insertEntitlement(tx: Tx, row: MarketEntitlementTable): Promise<void> {
  await tx
    .insertInto('market_entitlements')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'digest']).doNothing())
    .execute()
}

/** The periods that have not ended. */
export const openEmergencies = (
  db: Db,
  { organisationId, nowMs }: { organisationId: OrganisationId; nowMs: number },
): Promise<MarketEmergencyTable[]> =>
  db
    .selectFrom('market_emergencies')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('until_ms', '>', nowMs)
    .orderBy('until_ms')
    .limit(ENTITLEMENTS_MAX)
    .execute()

/** The devices that need no entitlement to the listing now. */
export async function emergencyDevices(
  db: Db,
  { organisationId, listing, nowMs }: { organisationId: OrganisationId; listing: string; nowMs: number },
): Promise<Set<DeviceId>> {
  const rows = await openEmergencies(db, { organisationId, nowMs })
  return new Set(rows.filter((row) => row.listing === listing).map(({ device_id }) => device_id))
}

/** False if the device has had its period. */
export async function insertEmergency(tx: Tx, row: MarketEmergencyTable): Promise<boolean> {
  const inserted = await tx
    .insertInto('market_emergencies')
    .values(row)
    .onConflict((conflict) => conflict.columns(['organisation_id', 'listing', 'device_id']).doNothing())
    .returning('device_id')
    .executeTakeFirst()
  return inserted !== undefined
}

/** The entitlement as the API shows it. A revoked key counts no more. */
export function entitlementOf(row: MarketEntitlementTable, trusted: ReadonlySet<string>, nowMs: number): Entitlement {
  const statement = fromJson(row.statement)
  const notice = entitlementNotice(statement, nowMs)
  return {
    digest: row.digest,
    listing: row.listing,
    devices: statement.devices,
    ...(statement.untilMs !== undefined && { untilMs: statement.untilMs }),
    graceDays: statement.graceDays,
    trial: statement.trial,
    keyId: row.key_id,
    addedAtMs: Number(row.added_at_ms),
    addedBy: row.added_by,
    state: trusted.has(row.key_id) ? entitlementState(statement, nowMs) : 'untrusted',
    ...(notice !== undefined && { notice }),
  }
}

export const emergencyOf = (row: MarketEmergencyTable): EmergencyPeriod => ({
  listing: row.listing,
  device: row.device,
  beganAtMs: Number(row.began_at_ms),
  untilMs: Number(row.until_ms),
  beganBy: row.began_by,
  reason: row.reason,
})
