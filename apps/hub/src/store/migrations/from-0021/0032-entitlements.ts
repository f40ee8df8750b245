/** 0032: entitlements to listings, and emergency periods of devices. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function entitlementTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('market_entitlements')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('listing', 'text', required)
    .addColumn('statement', 'text', required)
    .addColumn('key_id', 'text', required)
    .addColumn('added_at_ms', 'bigint', required)
    .addColumn('added_by', 'text', required)
    .addPrimaryKeyConstraint('market_entitlements_key', ['organisation_id', 'digest'])
    .execute()
  // A row outlives its device: the period of one device is used once.
  await db.schema
    .createTable('market_emergencies')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('listing', 'text', required)
    .addColumn('device_id', 'text', required)
    .addColumn('device', 'text', required)
    .addColumn('began_at_ms', 'bigint', required)
    .addColumn('until_ms', 'bigint', required)
    .addColumn('began_by', 'text', required)
    .addColumn('reason', 'text', required)
    .addPrimaryKeyConstraint('market_emergencies_key', ['organisation_id', 'listing', 'device_id'])
    .execute()
}
