/**
 * Job board: which devices follow their jobs right now, what each can do, and what each has been told over its stream. In memory only: it says
 * who can be told, never what; that is in the rows.
 */
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'

export type JobFollower = Disposable & {
  readonly kinds: ReadonlySet<string>
  /** Attempts of batches that were told here. */
  readonly told: Map<BatchId, number>
  /** Looks at what there is to tell. */
  wake(): void
}

export type JobBoard = {
  /** A stream begins; it ends when the follower is disposed. A newer stream of the device takes its place. */
  follow(deviceId: DeviceId, kinds: readonly string[], wake: () => void): JobFollower
  find(deviceId: DeviceId): JobFollower | undefined
  /** Everybody who was told of the batch looks again. */
  wakeTold(batchId: BatchId): void
  /** The stream has told the device of the batch, or has told it that it is over. */
  noteTold(follower: JobFollower, batchId: BatchId, attempt: number | undefined): void
  /** Hears of each device that begins to follow. */
  onFollow(listener: (deviceId: DeviceId) => void): void
}

/** Nobody follows. */
export function createJobBoard(): JobBoard {
  const followers = new Map<DeviceId, JobFollower>()
  const told = new Map<BatchId, Set<JobFollower>>()
  const listeners: ((deviceId: DeviceId) => void)[] = []
  const forget = (follower: JobFollower, batchId: BatchId) => {
    const group = told.get(batchId)
    group?.delete(follower)
    if (group?.size === 0) told.delete(batchId)
  }
  return {
    follow(deviceId, kinds, wake) {
      const follower = createFollower(kinds, wake, () => {
        if (followers.get(deviceId) === follower) followers.delete(deviceId)
        for (const batchId of follower.told.keys()) forget(follower, batchId)
      })
      followers.set(deviceId, follower)
      for (const listener of listeners) listener(deviceId)
      return follower
    },
    find: (deviceId) => followers.get(deviceId),
    wakeTold(batchId) {
      for (const follower of told.get(batchId) ?? []) follower.wake()
    },
    noteTold(follower, batchId, attempt) {
      if (attempt === undefined) {
        follower.told.delete(batchId)
        return forget(follower, batchId)
      }
      follower.told.set(batchId, attempt)
      told.set(batchId, (told.get(batchId) ?? new Set()).add(follower))
    },
    onFollow: (listener) => void listeners.push(listener),
  }
}

const createFollower = (kinds: readonly string[], wake: () => void, leave: () => void): JobFollower => ({
  kinds: new Set(kinds),
  told: new Map(),
  wake,
  [Symbol.dispose]: leave,
})
