/** Source watches: the watched sources of a device. Most organisations have none, and then a look costs one small query. */
import { SOURCE_WATCHES_MAX, type SourceWatch } from '@skerry/contract/held/monitors'
import { sourceIn, subjectOfSource } from '@skerry/contract/monitors/subject'
import { sql } from 'kysely'
import { wantedConnections } from '../../connections/device-connections.ts'
import { compileRows } from '../../store/compiled-query.ts'
import { fromJson } from '../../store/json-column.ts'
import type { Db } from '../../store/store.ts'
import type { DeviceTable } from '../../store/tables/foundation-tables.ts'
import { specIn } from '../monitor-store.ts'
import { checkOf, watchedFeature } from '../profiles/watch-parts.ts'
import { newestSourceProfile } from './source-profile-store.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id'>

const monitorsOf = compileRows((db, organisationId) =>
  db
    .selectFrom('monitors')
    .select(['model', 'spec'])
    .where('organisation_id', '=', organisationId as DeviceRow['organisation_id'])
    .where('model', 'like', sql.lit(subjectOfSource('%')))
    .orderBy('model'),
)

/** By name. */
export async function sourceWatchesOf(db: Db, device: DeviceRow): Promise<SourceWatch[]> {
  const monitors = await monitorsOf(db, device.organisation_id)
  if (monitors.length === 0) return []
  const place = await db
    .selectFrom('devices')
    .select(['id', 'organisation_id', 'site_id'])
    .where('id', '=', device.id)
    .executeTakeFirstOrThrow()
  const { rows } = await wantedConnections(db, place)
  const names = new Set(rows.filter(({ kind }) => kind === 'source').map(({ name }) => name as string))
  const watches: SourceWatch[] = []
  for (const { model, spec } of monitors) {
    const source = sourceIn(model)
    if (source === undefined || !names.has(source) || watches.length >= SOURCE_WATCHES_MAX) continue
    const profile = await newestSourceProfile(db, { organisationId: device.organisation_id, source })
    if (!profile) continue
    const rules = specIn(spec)
    watches.push({
      model,
      version: profile.version,
      profile: profile.digest,
      windowMs: rules.windowSeconds * 1_000,
      features: fromJson(profile.profile).features.map((feature) => ({ ...watchedFeature(feature), hasGrid: true })),
      check: checkOf(rules),
    })
  }
  return watches
}
