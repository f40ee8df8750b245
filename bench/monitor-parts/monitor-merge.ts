/** Merge: the windows of many devices become one view of the fleet, with a verdict on it and on each site. */

import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { FeatureCounts } from '@skerry/contract/monitors/profile'
import { countsOf, mergeFeatures } from '@skerry/core/monitors/bins'
import { verdictWithCohorts } from '@skerry/core/monitors/cohorts'
import { benchProfile, COLUMNS, rowValues } from './monitor-profile.ts'

/** A hundred devices at each site. */
const DEVICES_AT_SITE = 100
const ROWS = 60

/** Merges windows in memory, from texts as the database gives them. The hub's statements are not included. */
export function mergeFleet(devices: number) {
  const profile = benchProfile()
  const values = [...rowValues(ROWS)]
  const text = JSON.stringify(
    profile.features.map(({ edges }, column) =>
      countsOf(
        edges,
        values.filter((_, at) => at % COLUMNS === column),
      ),
    ),
  )
  const startedMs = performance.now()
  const sites = new Map<string, FeatureCounts[]>()
  let fleet: FeatureCounts[] | undefined
  for (let device = 0; device < devices; device++) {
    const features = JSON.parse(text) as FeatureCounts[]
    const site = `site=${Math.floor(device / DEVICES_AT_SITE)}`
    const known = sites.get(site)
    sites.set(site, known ? mergeFeatures(known, features) : features)
    fleet = fleet ? mergeFeatures(fleet, features) : features
  }
  const mergedMs = performance.now()
  const windowOf = (features: FeatureCounts[], windows: number) => ({
    windows,
    startMs: 0,
    endMs: 300_000,
    rows: windows * ROWS,
    counted: windows * ROWS,
    features,
  })
  const verdict = verdictWithCohorts(
    profile,
    {
      fleet: [windowOf(fleet ?? [], devices)],
      cohorts: new Map([...sites].map(([site, features]) => [site, [windowOf(features, DEVICES_AT_SITE)]])),
    },
    MonitorSpec.parse({ model: 'bench' }),
  )
  return {
    devices,
    mergeSeconds: (mergedMs - startedMs) / 1_000,
    verdictSeconds: (performance.now() - mergedMs) / 1_000,
    cohorts: verdict.cohorts?.length ?? 0,
  }
}
