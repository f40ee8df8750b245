/**
 * Check devices: the checks of level 3. They judge an installation of the listing on devices of the tenant, by the
 * reports of the hub. Counts belong to one moment, so that a repetition measures its own.
 */
import type { DeviceCheck } from '@skerry/contract/market/certificate'
import type { InstallationState } from '@skerry/contract/market/installation'
import type { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { objectName } from '../listing-settings.ts'
import type { CheckResult } from './check-listing.ts'
import { rehearsedItems } from './rehearsal-plan.ts'

/** A version that stops or fails soon after its start is not steady. */
export const STEADY_MS = 300_000

export type ObservedItem = {
  /** Of the listing, such as `flow`. */
  item: string
  isActive: boolean
  /** The version that the installation deploys serves requests. */
  isServing: boolean
  sinceMs: number
}

export type ObservedDevice = {
  name: string
  arch: string | undefined
  isConnected: boolean
  items: ObservedItem[]
  /** The signals whose values the device has sent, as ITEM/SINK of the hub. */
  signals: ReadonlySet<string>
}

export type ObservedInstallation = {
  name: string
  /** Of the installed version. */
  digest: Digest
  state: InstallationState
  devices: readonly ObservedDevice[]
  atMs: number
}

type Run = { listing: Listing; digest: Digest; observed: ObservedInstallation }
type Judged = Pick<CheckResult, 'facts' | 'findings' | 'measured'>

const judges: Readonly<Record<DeviceCheck, (run: Run) => Judged>> = {
  devices: judgeDevices,
  outputs: judgeOutputs,
  steady: judgeSteady,
}

/** More findings than a person reads. */
const FINDINGS_MAX = 50

/** All checks of level 3, in the order of the contract. */
export const checkDevices = (run: Run): CheckResult[] =>
  Object.entries(judges).map(([name, judge]) => {
    const { findings, ...judged } = judge(run)
    const result = findings.length === 0 ? 'PASSED' : 'FAILED'
    return { check: name as DeviceCheck, result, ...judged, findings: findings.slice(0, FINDINGS_MAX) }
  })

/** The installed version is this one, and each device serves all of its items. */
function judgeDevices({ listing, digest, observed: { name, digest: installed, state, devices } }: Run): Judged {
  const healthy = devices.filter((device) => device.isConnected && illItems(listing, device).length === 0)
  const hardware = [...new Set(devices.map(({ arch }) => arch ?? 'unknown'))].toSorted().join(', ')
  const findings = [
    ...(installed === digest ? [] : [`the installation ${name} has other bytes: install this version first`]),
    ...(state === 'installed' ? [] : [`the installation ${name} is not finished`]),
    ...(devices.length === 0 ? [`no device is picked by the installation ${name}`] : []),
    ...devices.filter(({ isConnected }) => !isConnected).map((device) => `${device.name} sends no reports`),
    ...devices.flatMap((device) => illItems(listing, device).map((item) => `${device.name} does not run ${item}`)),
  ]
  const measured = { devices: devices.length, healthy: healthy.length, hardware: hardware.slice(0, 500) }
  return { facts: { items: listing.versions.length }, measured, findings }
}

const illItems = ({ versions }: Listing, { items }: ObservedDevice) =>
  versions
    .map(({ item }) => item)
    .filter((item) => !items.some((one) => one.item === item && one.isActive && one.isServing))

/** Each declared result of a hub's sink has come from each device. The sample data may be replaced by equipment. */
function judgeOutputs({ listing, observed: { name, devices } }: Run): Judged {
  const flows = new Set(rehearsedItems(listing, 'replay').map(({ item }) => item))
  const declared = (listing.sample?.results ?? []).filter(({ item }) => flows.has(item))
  const findings = devices.flatMap((device) =>
    declared
      .filter(({ item, sink }) => !device.signals.has(`${objectName(name, item)}/${sink}`))
      .map(({ item, sink }) => `${device.name} has sent no value of ${item}/${sink}`),
  )
  return { facts: { declared: declared.length }, findings }
}

/** No item has stopped, failed or begun anew in the last minutes. */
function judgeSteady({ observed: { devices, atMs } }: Run): Judged {
  const ages = devices.flatMap(({ name, items }) =>
    items.map(({ item, sinceMs }) => ({ place: `${item} on ${name}`, seconds: Math.floor((atMs - sinceMs) / 1_000) })),
  )
  const needed = STEADY_MS / 1_000
  const findings = ages
    .filter(({ seconds }) => seconds < needed)
    .map(({ place, seconds }) => `${place} is in its state for ${seconds} s, and ${needed} s are needed`)
  const shortest = ages.reduce((least, { seconds }) => Math.min(least, seconds), Number.MAX_SAFE_INTEGER)
  return {
    facts: { neededSeconds: needed },
    ...(ages.length > 0 && { measured: { shortestSeconds: shortest } }),
    findings: ages.length === 0 ? ['nothing runs'] : findings,
  }
}
