/** Serving summary: where a version runs and how well, from the last reports of its devices. */
import type { ServingDevice } from '@skerry/contract/models/model'

export type ServingSummary = {
  devices: number
  /** Devices whose reports arrive as expected. */
  online: number
  /** Sites with the most devices first. */
  sites: { site: string; devices: number }[]
  requests: number
  failures: number
  /** Median over the devices that have answered requests, and the highest of them. Absent if there are none. */
  p50Us?: number
  p99Us?: number
}

/** The summary of the given devices. Requests count since each device activated the version. */
export function summariseServing(devices: readonly ServingDevice[]): ServingSummary {
  const sites = new Map<string, number>()
  for (const { site } of devices) sites.set(site, (sites.get(site) ?? 0) + 1)
  const known = (of: (device: ServingDevice) => number | undefined) => devices.flatMap((device) => of(device) ?? [])
  const p50s = known(({ stats }) => stats?.p50Us).toSorted((a, b) => a - b)
  const p50Us = p50s[Math.floor((p50s.length - 1) / 2)]
  const p99s = known(({ stats }) => stats?.p99Us)
  return {
    devices: devices.length,
    online: devices.filter(({ liveness }) => liveness === 'online').length,
    sites: [...sites]
      .map(([site, count]) => ({ site, devices: count }))
      .sort((a, b) => b.devices - a.devices || (a.site < b.site ? -1 : 1)),
    requests: sum(known(({ stats }) => stats?.requests)),
    failures: sum(known(({ stats }) => stats?.failures)),
    ...(p50Us !== undefined && { p50Us }),
    ...(p99s.length > 0 && { p99Us: p99s.reduce((most, one) => Math.max(most, one)) }),
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
