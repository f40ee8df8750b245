/** Source sharing: which sources run in one thread. A thread takes some 35 MB and wakes by itself, and a gateway may read a hundred machines. */

/** What a source asks of its thread. */
export type SourceNeed = {
  protocol: string
  tags: number
  valuesPerSecond: number
  /** How often its quickest group is read. */
  everyMs: number
}

/** When a thread ends by itself all of these are without values for a second, and each takes a thread of its own. */
export const SHARING_MAX = 8

/** The heap of a thread holds twice as many. */
export const SHARED_TAGS_MAX = 100_000

/** What takes a quarter of a core, measured, so that a write and what is read in between do not wait long. */
export const SHARED_VALUES_PER_SECOND_MAX = 100_000

/** What is read more often has a beat that the work of others would disturb. */
const SHARED_EVERY_MS_MIN = 100

type Said = { protocol: string; groups: readonly { everyMs: number; tags: readonly unknown[] }[] }

/** Of a source's file. */
export function needOf({ protocol, groups }: Said): SourceNeed {
  return {
    protocol,
    tags: groups.reduce((sum, { tags }) => sum + tags.length, 0),
    valuesPerSecond: groups.reduce((sum, { tags, everyMs }) => sum + (tags.length * 1_000) / everyMs, 0),
    everyMs: Math.min(...groups.map(({ everyMs }) => everyMs)),
  }
}

/**
 * The first of `threads`, each with the needs of those who run in it, that has room for one more; -1 where it has to have a new one. Only those of one
 * protocol share, so that a fault of a library is the fault of its own sources; pictures go alone, by their size.
 */
export function placeForSource(need: SourceNeed, threads: readonly (readonly SourceNeed[])[]): number {
  if (!canShare(need)) return -1
  return threads.findIndex((needs) => {
    const all = [...needs, need]
    return (
      all.every((each) => each.protocol === need.protocol && canShare(each)) &&
      all.length <= SHARING_MAX &&
      total(all, 'tags') <= SHARED_TAGS_MAX &&
      total(all, 'valuesPerSecond') <= SHARED_VALUES_PER_SECOND_MAX
    )
  })
}

const canShare = ({ protocol, everyMs }: SourceNeed) => protocol !== 'camera' && everyMs >= SHARED_EVERY_MS_MIN

const total = (needs: readonly SourceNeed[], key: 'tags' | 'valuesPerSecond') =>
  needs.reduce((sum, need) => sum + need[key], 0)
