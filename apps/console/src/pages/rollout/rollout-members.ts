/** Rollout members: the devices of a rollout as this page knows them, kept by asking only for what has changed since. */
import type { RolloutDevice } from '@skerry/contract/rollouts/rollout'

export type RolloutMembers = {
  /** By name. */
  rows: readonly RolloutDevice[]
  /** What to ask after next; absent before the first answer. */
  seen?: string
}

export const NO_MEMBERS: RolloutMembers = { rows: [] }

/** The rows with what changed put in its place. */
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

/** The newest change that has been seen, as the rollout counts them. */
export const sequenceOf = ({ seen }: RolloutMembers): number => (seen === undefined ? -1 : Number.parseInt(seen, 10))
