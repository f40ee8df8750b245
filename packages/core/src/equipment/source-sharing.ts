/**
 * Source sharing: which sources run in one thread. A thread takes some 35 MB and wakes by itself, and a gateway may
 * read a hundred machines.
 */

/** The load of a source on its thread. */
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

/** This load takes a quarter of a core, measured, so that a write and a read in between do not wait long. */
export const SHARED_VALUES_PER_SECOND_MAX = 100_000

/** The work of other sources would disturb the timing of a source that is read more often. */
const SHARED_EVERY_MS_MIN = 100

type Said = { protocol: string; groups: readonly { everyMs: number; tags: readonly unknown[] }[] }

/** The need of a source, from its file. */
export function needOf({ protocol, groups }: Said): SourceNeed {
  return {
    protocol,
    tags: groups.reduce((sum, { tags }) => sum + tags.length, 0),
    valuesPerSecond: groups.reduce((sum, { tags, everyMs }) => sum + (tags.length * 1_000) / everyMs, 0),
    everyMs: Math.min(...groups.map(({ everyMs }) => everyMs)),
  }
}

/**
 * The first of `threads` that has room for one more source; -1 if the source needs a new one. Each thread lists the
 * needs of its sources. Only sources of one protocol share a thread, so that a fault of a library affects its own
 * sources only. Pictures have a thread of their own, because of their size.
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
