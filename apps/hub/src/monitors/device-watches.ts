/**
 * Device watches: the versions that a device should count, derived at each look from its reported items, the monitors of
 * their models, and the profiles of their versions.
 */
import { type MonitorsDocument, WATCHES_MAX, type Watch } from '@skerry/contract/held/monitors'
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { FeatureProfile, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { holdsOfDevice } from './hold-store.ts'
import { specIn } from './monitor-store.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id'>

/** Both the version that serves and the one on its way: the first request to a new version is counted. */
async function watchesOf(db: Db, device: DeviceRow): Promise<Watch[]> {
  const rows = await db
    .selectFrom('device_items as item')
    .innerJoin('monitors as monitor', (join) =>
      join.onRef('monitor.organisation_id', '=', 'item.organisation_id').onRef('monitor.model', '=', 'item.name'),
    )
    .innerJoin('versions as version', (join) =>
      join
        .onRef('version.organisation_id', '=', 'item.organisation_id')
        .onRef('version.name', '=', 'item.name')
        .on(({ eb, or, ref }) =>
          or([
            eb('version.version', '=', ref('item.serving_version')),
            eb('version.version', '=', ref('item.target_version')),
          ]),
        ),
    )
    .innerJoin('version_profiles as profile', 'profile.version_id', 'version.id')
    .select(['item.name', 'version.version', 'monitor.spec', 'profile.digest', 'profile.profile'])
    .where('item.device_id', '=', device.id)
    .orderBy('item.name')
    .orderBy('version.version')
    .limit(WATCHES_MAX)
    .execute()
  return rows.map(({ name, version, spec, digest, profile }) => ({
    model: name,
    version,
    profile: digest,
    windowMs: specIn(spec).windowSeconds * 1_000,
    features: fromJson(profile).features.map(watchedFeature),
    check: checkOf(specIn(spec)),
    ...scoresOf(fromJson(profile)),
  }))
}

const watchedFeature = ({ counts, missing, moments, ...feature }: FeatureProfile): Watch['features'][number] => ({
  ...feature,
  reference: { counts, missing, ...(moments && { moments }) },
})

const checkOf = ({ drift, missing, rowsMin, significance, failsProbation }: MonitorSpec): Watch['check'] => ({
  drift,
  missing,
  rowsMin,
  significance,
  failsProbation,
})

/** A version without a calibration has no scores to count. */
function scoresOf({ calibration }: ReferenceProfile): Pick<Watch, 'scores'> {
  if (!calibration) return {}
  const { output, classes } = calibration
  return { scores: { ...(output !== undefined && { output }), classes: classes.map((one) => one.class) } }
}

/** The document for a device that holds that revision; undefined if the device is up to date. */
export async function newWatches(
  db: Db,
  device: DeviceRow,
  held: string | undefined,
): Promise<MonitorsDocument | undefined> {
  const watches = await watchesOf(db, device)
  const holds = await holdsOfDevice(db, device)
  const content = holds.length > 0 ? { watches, holds } : watches
  const revision = digestOf(canonicalJson(content))
  if (revision === held || (held === undefined && watches.length + holds.length === 0)) return undefined
  return { v: 1, deviceId: device.id, revision, watches, ...(holds.length > 0 && { holds }) }
}
