/**
 * Device watches: the versions that a device should count, derived at each look from its reported items, the monitors of
 * their models, and the profiles of their versions.
 */
import { type MonitorsDocument, WATCHES_MAX, type Watch } from '@skerry/contract/held/monitors'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { DeviceId } from '@skerry/contract/values/ids'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { sql } from 'kysely'
import { compileRows } from '../store/compiled-query.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { holdsOfDevice } from './hold-store.ts'
import { specIn } from './monitor-store.ts'
import { checkOf, watchedFeature } from './profiles/watch-parts.ts'
import { sourceWatchesOf } from './sources/source-watches.ts'

type DeviceRow = Pick<DeviceTable, 'id' | 'organisation_id'>

/** Both the version that serves and the one on its way: the first request to a new version is counted. */
const watchRowsOf = compileRows((db, deviceId) =>
  db
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
    .where('item.device_id', '=', deviceId as DeviceId)
    .orderBy('item.name')
    .orderBy('version.version')
    .limit(sql.lit(WATCHES_MAX)),
)

type WatchRow = Awaited<ReturnType<typeof watchRowsOf>>[number]

const watchOf = ({ name, version, spec, digest, profile }: WatchRow): Watch => ({
  model: name,
  version,
  profile: digest,
  windowMs: specIn(spec).windowSeconds * 1_000,
  features: fromJson(profile).features.map(watchedFeature),
  check: checkOf(specIn(spec)),
  ...scoresOf(fromJson(profile)),
})

/** A version without a calibration has no scores to count. */
function scoresOf({ calibration }: ReferenceProfile): Pick<Watch, 'scores'> {
  if (!calibration) return {}
  const { output, classes } = calibration
  return { scores: { ...(output !== undefined && { output }), classes: classes.map((one) => one.class) } }
}

type Content = Pick<MonitorsDocument, 'revision' | 'watches' | 'sources' | 'holds'>

/** Sources and holds are absent if there are none. */
type Beside = Pick<MonitorsDocument, 'sources' | 'holds'>

/** The contents that a hub sends at about the same time: one for each set of versions, and each has some 30 KB. */
const CONTENTS_MAX = 64

/**
 * Contents by the rows that they are made of. Most devices of a fleet share one, and it takes as long to make as all
 * else of a look.
 */
const contents = new Map<string, Content>()

function contentOf(rows: readonly WatchRow[], beside: Beside): Content {
  const { sources, holds } = beside
  const watched = sources?.map(({ model, profile, windowMs, check }) => [model, profile, windowMs, check])
  const key = JSON.stringify([
    rows.map(({ name, version, spec, digest }) => [name, version, spec, digest]),
    holds ?? [],
    watched,
  ])
  const content = contents.get(key) ?? makeContent(rows, beside)
  // The newest use comes last, so that the first is the oldest.
  contents.delete(key)
  contents.set(key, content)
  for (const oldest of contents.keys()) {
    if (contents.size <= CONTENTS_MAX) break
    contents.delete(oldest)
  }
  return content
}

/** Without sources, the revision is that of earlier hubs: devices need not fetch the document again. */
function makeContent(rows: readonly WatchRow[], beside: Beside): Content {
  const watches = rows.map(watchOf)
  const content = beside.holds || beside.sources ? { watches, ...beside } : watches
  return { revision: digestOf(canonicalJson(content)), watches, ...beside }
}

/** The document for a device that holds that revision; undefined if the device is up to date. */
export async function newWatches(
  db: Db,
  device: DeviceRow,
  held: string | undefined,
): Promise<MonitorsDocument | undefined> {
  const holds = await holdsOfDevice(db, device)
  const sources = await sourceWatchesOf(db, device)
  const beside = { ...(holds.length > 0 && { holds }), ...(sources.length > 0 && { sources }) }
  const { revision, ...content } = contentOf(await watchRowsOf(db, device.id), beside)
  const isEmpty = content.watches.length + holds.length + sources.length === 0
  if (revision === held || (held === undefined && isEmpty)) return undefined
  return { v: 1, deviceId: device.id, revision, ...content }
}
