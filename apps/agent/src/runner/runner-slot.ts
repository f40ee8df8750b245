/** Runner slot: a version that a runner holds, as control knows it, and how a runner's end is told of it. */
import type { DesiredItem } from '@skerry/contract/desired'
import type { ServingStats, ShadowStats, VersionStats } from '@skerry/contract/item'
import type { Shadow } from '@skerry/contract/serving'
import type { RunnerCrash } from '@skerry/core/crash-blame'
import type { LoadedVersion } from '@skerry/core/device-plan'
import type { RunMarks } from './run-marks.ts'
import type { SlotPulse } from './runner-message.ts'
import type { RunnerEnd } from './runner-process.ts'
import type { ServingHistory } from './serving-history.ts'

/** `stats` are those of this runner; `history` adds what was before it. */
export type Loaded = Omit<LoadedVersion, 'stats'> & { stats: VersionStats; history?: ServingStats; problem?: string }

export type RunnerSlot = {
  name: string
  /** Where its runs are marked. */
  cell: number
  item: DesiredItem
  servingSinceMs?: number
  shadow?: { sinceMs: number; rules: Shadow }
  pulse: SlotPulse
}

const NOT_COMPARED: ShadowStats = { compared: 0, matched: 0, mismatched: 0, errors: 0, dropped: 0 }

type Held = { slots: RunnerSlot[]; busyWith?: { item: DesiredItem; cell?: number }; marks: RunMarks | undefined }

/** Which versions the runner held as it ended, and of which it was running some. */
export function crashOf({ slots, busyWith, marks }: Held, { kind, message }: RunnerEnd): RunnerCrash {
  const cells = [...slots, ...(busyWith ? [busyWith] : [])]
  const running = cells.filter(({ cell }) => cell !== undefined && marks?.isSet(cell)).map(({ item }) => item)
  return { kind, message, busyWith: busyWith?.item, running, loaded: slots.map(({ item }) => item) }
}

/** The first that no slot has: as many are in use as versions are loaded. */
export function freeCell(slots: readonly RunnerSlot[]): number {
  const taken = new Set(slots.map(({ cell }) => cell))
  let cell = 0
  while (taken.has(cell)) cell++
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
