/** Runner slot: a version that a runner holds, as control knows it, and how a runner's end is told of it. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ServingStats, ShadowStats, VersionStats } from '@skerry/contract/devices/item'
import type { Shadow } from '@skerry/contract/models/serving'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import type { LoadedVersion } from '@skerry/core/device/device-plan'
import type { RunMarks } from './run-marks.ts'
import type { SlotPulse } from './runner-message.ts'
import type { RunnerEnd } from './runner-process.ts'
import type { ServingHistory } from './serving-history.ts'

/** `stats` are those of this runner; `history` adds what was before it. */
export type Loaded = Omit<LoadedVersion, 'stats'> & { stats: VersionStats; history?: ServingStats; problem?: string }

export type RunnerSlot = {
  name: string
  /** Where its runs are marked; undefined for one in a process of its own, whose end is no end of the runner. */
  cell: number | undefined
  item: DesiredItem
  servingSinceMs?: number
  shadow?: { sinceMs: number; rules: Shadow }
  pulse: SlotPulse
}

const NOT_COMPARED: ShadowStats = { compared: 0, matched: 0, mismatched: 0, errors: 0, dropped: 0 }

/** What the runner is at; nothing while that happens in another process. */
export type RunnerWork = { item: DesiredItem; cell?: number }

type Held = { slots: RunnerSlot[]; busyWith?: RunnerWork | undefined; marks: RunMarks | undefined }

/** Which versions the runner held as it ended, and of which it was running some. */
export function crashOf({ slots, busyWith, marks }: Held, { kind, message }: RunnerEnd): RunnerCrash {
  const inside = slots.filter(({ cell }) => cell !== undefined)
  const cells = [...inside, ...(busyWith ? [busyWith] : [])]
  const running = cells.filter(({ cell }) => cell !== undefined && marks?.isSet(cell)).map(({ item }) => item)
  return { kind, message, busyWith: busyWith?.item, running, loaded: inside.map(({ item }) => item) }
}

/** The first that no slot has: as many are in use as versions are loaded. A session that ended amid a run may have left its mark there. */
export function takeCell({ slots, marks }: Held): number {
  const taken = new Set(slots.map(({ cell }) => cell))
  let cell = 0
  while (taken.has(cell)) cell++
  marks?.clear(cell)
  return cell
}

/** As the plan and reports take it. */
export const loadedOf = ({ item, servingSinceMs, shadow, pulse }: RunnerSlot, history: ServingHistory): Loaded => ({
  item,
  stats: pulse.stats,
  history: history.statsOf(item, pulse.stats),
  ...(shadow ? { shadow: { ...shadow, stats: pulse.shadow ?? NOT_COMPARED } } : {}),
  ...(servingSinceMs === undefined ? {} : { servingSinceMs }),
  ...(pulse.problem === undefined ? {} : { problem: pulse.problem }),
})
