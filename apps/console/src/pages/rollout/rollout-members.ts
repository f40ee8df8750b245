/**
 * Rollout members: the page's list of the devices of a rollout. The page keeps it up to date by fetching only the
 * changes.
 */
import type { Rollout, RolloutDevice } from '@skerry/contract/rollouts/rollout'
import { isEnded } from '@skerry/core/rollouts/rollout-state'
import { type ShownDevice, shownOutcome } from '@skerry/core/rollouts/views/rollout-words'

export type RolloutMembers = {
  /** The devices, sorted by their names. */
  rows: readonly RolloutDevice[]
  /** The cursor of the next fetch. It is absent before the first answer. */
  seen?: string
}

export const NO_MEMBERS: RolloutMembers = { rows: [] }

/** Returns the rows with each changed row in its place. */
export function mergeChanges(rows: readonly RolloutDevice[], changed: readonly RolloutDevice[]): RolloutDevice[] {
  if (rows.length === 0) return changed.toSorted(byName)
  const news = new Map(changed.map((row) => [row.deviceId, row]))
  let isSorted = true
  const merged = rows.map((row) => {
    const next = news.get(row.deviceId)
    if (!next) return row
    news.delete(row.deviceId)
    isSorted &&= next.device === row.device
    return next
  })
  merged.push(...news.values())
  return isSorted && news.size === 0 ? merged : merged.sort(byName)
}

const byName = (a: RolloutDevice, b: RolloutDevice) => (a.device < b.device ? -1 : 1)

/** The devices as the page shows them. They are the same objects until the rollout ends. */
export function shownDevices(
  rollout: Pick<Rollout, 'status'>,
  rows: readonly RolloutDevice[],
  waves: number,
): readonly ShownDevice[] {
  if (!isEnded(rollout)) return rows
  return rows.map((row) => ({ ...row, outcome: shownOutcome(rollout, row.outcome, { isLate: row.wave >= waves }) }))
}

/** The newest change that the page has seen, by the rollout's own count. */
export const sequenceOf = ({ seen }: RolloutMembers): number => (seen === undefined ? -1 : Number.parseInt(seen, 10))
