/**
 * Silent device store: the query for all devices that send no reports now, as `spokenLiveness` of core decides for one.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Db } from '../store/store.ts'

/** `devices_ended` has this condition, and few rows. */
const endedDevices = (db: Db) =>
  db
    .selectFrom('devices')
    .select('id')
    .where(sql<boolean>`status in ('revoked', 'wiped', 'wiping', 'quarantined')`)
    .where('status', '<>', 'quarantined')

/**
 * The devices whose reports are outdated or whose last link ended, without those that nobody counts any more. The links
 * are those of all organisations: the caller reads the items of its own.
 */
export const silentDevices = (db: Db, organisationId: OrganisationId, nowMs: number) =>
  db
    .selectFrom('device_reports')
    .select('device_id')
    .where('organisation_id', '=', organisationId)
    .where('stale_at_ms', '<', nowMs)
    .where('device_id', 'not in', endedDevices(db))
    .union(
      db
        .selectFrom('device_links')
        .select('device_id')
        .where('ended_at_ms', 'is not', null)
        .where('device_id', 'not in', endedDevices(db)),
    )
