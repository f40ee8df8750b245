/**
 * Device events: the differences between two reports of a device. Reports are levels and may be merged, so an item may
 * have passed through states that no report shows. An event holds only facts of the two reports, and the sequence of
 * events always ends at the device's present state.
 *
 * There are no events for counters, for the free disk of the inventory, and for other words about the same trouble. A
 * message that counts bytes would fill the history.
 */
import type { DeviceChange, ItemStanding } from '@skerry/contract/devices/device-event'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { Cause, ItemReport } from '@skerry/contract/devices/item'
import type { Labels } from '@skerry/contract/values/names'

/** The parts of a report that have a history. `conditions` may hold those that the hub adds. */
export type DeviceStanding = Pick<
  DeviceReport,
  'agentVersion' | 'bootId' | 'observedGeneration' | 'items' | 'conditions' | 'endpoints'
>

/**
 * The changes, in the order in which people read them: the agent, the items in work, the serving items, and the
 * problems.
 */
export function changesBetween(before: DeviceStanding | undefined, after: DeviceStanding): DeviceChange[] {
  return [
    ...agentChanges(before, after),
    ...generationChange(before?.observedGeneration ?? 0, after.observedGeneration),
    ...itemChanges(before?.items ?? [], after.items),
    ...conditionChanges(before?.conditions ?? [], after.conditions),
    ...endpointsChange(before?.endpoints ?? {}, after.endpoints),
  ]
}

function agentChanges(before: DeviceStanding | undefined, { bootId, agentVersion }: DeviceStanding): DeviceChange[] {
  const changes: DeviceChange[] = []
  if (before !== undefined && before.agentVersion !== agentVersion) {
    changes.push({ kind: 'agent-updated', before: before.agentVersion, after: agentVersion })
  }
  if (before?.bootId !== bootId) changes.push({ kind: 'agent-started', bootId, version: agentVersion })
  return changes
}

const generationChange = (before: number, after: number): DeviceChange[] =>
  before === after ? [] : [{ kind: 'generation', before, after }]

function itemChanges(before: readonly ItemReport[], after: readonly ItemReport[]): DeviceChange[] {
  const old = new Map(before.map((item) => [item.name, item]))
  const changes: DeviceChange[] = []
  for (const item of after) {
    const known = old.get(item.name)
    old.delete(item.name)
    if (known && isSameItem(known, item)) continue
    changes.push({ kind: 'item', name: item.name, ...(known && beforeOf(known)), after: standingOf(item) })
  }
  for (const gone of old.values()) changes.push({ kind: 'item', name: gone.name, ...beforeOf(gone) })
  return changes
}

function beforeOf(item: ItemReport) {
  const { cause: _cause, ...before } = standingOf(item)
  return { before }
}

/** The item as an event keeps it. */
export const standingOf = ({ deploymentId, target, state, cause, sinceMs, serving }: ItemReport): ItemStanding => ({
  deploymentId,
  revision: target.revision,
  version: target.version,
  retryToken: target.retryToken,
  state,
  ...(cause && { cause }),
  sinceMs,
  ...(serving && { serving: serving.version }),
})

function isSameItem(before: ItemReport, after: ItemReport): boolean {
  const old = before.target
  const now = after.target
  return (
    before.deploymentId === after.deploymentId &&
    old.revision === now.revision &&
    old.version === now.version &&
    old.digest === now.digest &&
    old.retryToken === now.retryToken &&
    before.state === after.state &&
    // The same state, entered again: something happened in between that no report shows.
    before.sinceMs === after.sinceMs &&
    before.cause?.code === after.cause?.code &&
    before.serving?.version === after.serving?.version &&
    before.serving?.digest === after.serving?.digest
  )
}

function conditionChanges(before: readonly Cause[], after: readonly Cause[]): DeviceChange[] {
  const old = new Set(before.map(({ code }) => code))
  const now = new Map(after.map((cause) => [cause.code, cause]))
  const raised = [...now.values()].filter(({ code }) => !old.has(code))
  const cleared = [...old].filter((code) => !now.has(code))
  return [
    ...cleared.map((code) => ({ kind: 'condition-cleared' as const, code })),
    ...raised.map(({ code, message }) => ({ kind: 'condition-raised' as const, code, message })),
  ]
}

const endpointsChange = (before: DeviceStanding['endpoints'], after: DeviceStanding['endpoints']): DeviceChange[] =>
  before.rest === after.rest && before.grpc === after.grpc && before.serve === after.serve
    ? []
    : [{ kind: 'endpoints', endpoints: after }]

/** The stored times of the hub's contact with the device. */
export type ReportedDevice = { lastSeenAtMs: number; staleAtMs: number }

/**
 * Three reports. An agent that was stopped in order is stale at once, but a restart, an update or a reboot takes less
 * than this. Until then it is no silence: no event, no alert, and no reason to leave a selector.
 */
export const RESTART_MS = 180_000

/** Known only when the silence ends: while it lasts, the device is `stale`. */
export const silenceBefore = (heard: ReportedDevice | undefined, atMs: number): DeviceChange[] =>
  heard !== undefined && atMs > heard.staleAtMs && !isRestart(heard, atMs)
    ? [{ kind: 'heard-again', silentSinceMs: heard.lastSeenAtMs }]
    : []

/** A report that was outdated from its first moment was followed by a goodbye. */
export const isRestart = ({ lastSeenAtMs, staleAtMs }: ReportedDevice, atMs: number): boolean =>
  staleAtMs <= lastSeenAtMs && atMs <= lastSeenAtMs + RESTART_MS

/** The changes of a relabelling: empty if the labels were the same already. */
export function labelChange(before: Labels, after: Labels, by: string): DeviceChange[] {
  const set = Object.fromEntries(Object.entries(after).filter(([key, value]) => before[key] !== value))
  const removed = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  return Object.keys(set).length + removed.length === 0 ? [] : [{ kind: 'relabelled', by, set, removed }]
}
