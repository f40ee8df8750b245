/** Runner slot: control's record of a version in a runner, and the description of a runner's end. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause, Figures, ServingStats, ShadowStats, VersionStats } from '@skerry/contract/devices/item'
import type { Shadow } from '@skerry/contract/models/serving'
import type { ItemScale } from '@skerry/contract/scaling/scaling'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import type { LoadedVersion } from '@skerry/core/device/device-plan'
import type { RunMarks } from './run-marks.ts'
import type { SlotPulse } from './runner-message.ts'
import type { RunnerEnd } from './runner-process.ts'
import type { ServingHistory } from './serving-history.ts'

/** This runner counted `stats`. `history` adds the counts of earlier runners. The kind's driver gives `figures`. */
export type Loaded = Omit<LoadedVersion, 'stats'> & {
  stats: VersionStats
  history?: ServingStats
  figures?: Figures
  scale?: ItemScale
  problem?: string
  /**
   * The cause of the problem, if the kind's driver knows more than the words. Then it is evidence against the version.
   */
  cause?: Cause
}

export type RunnerSlot = {
  name: string
  /**
   * The place of its run marks. Undefined for a version in a process of its own: the end of that process is not the end
   * of the runner.
   */
  cell: number | undefined
  item: DesiredItem
  servingSinceMs?: number
  shadow?: { sinceMs: number; rules: Shadow }
  pulse: SlotPulse
}

const NOT_COMPARED: ShadowStats = { compared: 0, matched: 0, mismatched: 0, errors: 0, dropped: 0 }

/** The current work of the runner. None while that happens in another process. */
export type RunnerWork = { item: DesiredItem; cell?: number }

type Held = { slots: RunnerSlot[]; busyWith?: RunnerWork | undefined; marks: RunMarks | undefined }

/** The versions that the runner held at its end, and those that were running. */
export function crashOf({ slots, busyWith, marks }: Held, { kind, message }: RunnerEnd): RunnerCrash {
  const inside = slots.filter(({ cell }) => cell !== undefined)
  const cells = [...inside, ...(busyWith ? [busyWith] : [])]
  const running = cells.filter(({ cell }) => cell !== undefined && marks?.isSet(cell)).map(({ item }) => item)
  return { kind, message, busyWith: busyWith?.item, running, loaded: inside.map(({ item }) => item) }
}

/**
 * The first free cell: as many are in use as versions are loaded. A session that ended during a run may have left its
 * mark there.
 */
export function takeCell({ slots, marks }: Held): number {
  const taken = new Set(slots.map(({ cell }) => cell))
  let cell = 0
  while (taken.has(cell)) cell++
  marks?.clear(cell)
  return cell
}

/** The form for the plan and for reports. */
export const loadedOf = ({ item, servingSinceMs, shadow, pulse }: RunnerSlot, history: ServingHistory): Loaded => ({
  item,
  stats: pulse.stats,
  history: history.statsOf(item, pulse.stats),
  ...(pulse.error && { error: pulse.error }),
  ...(pulse.moved !== undefined && { moved: pulse.moved }),
  ...(pulse.scale && { scale: pulse.scale }),
  ...(shadow ? { shadow: { ...shadow, stats: pulse.shadow ?? NOT_COMPARED } } : {}),
  ...(servingSinceMs === undefined ? {} : { servingSinceMs }),
  ...(pulse.figures && { figures: pulse.figures }),
  ...(pulse.problem === undefined ? {} : { problem: pulse.problem }),
})
