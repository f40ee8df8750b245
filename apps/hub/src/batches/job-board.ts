/**
 * Job board: the devices that follow their jobs now, the kinds of jobs that each supports, and the jobs that each
 * stream has sent. It exists in memory only. It shows which devices can be reached; the rows define the jobs.
 */
import type { BatchId, DeviceId } from '@skerry/contract/values/ids'

export type JobFollower = Disposable & {
  readonly kinds: ReadonlySet<string>
  /** Attempts of batches that this stream has sent. */
  readonly told: Map<BatchId, number>
  /** Makes the stream read the rows again. */
  wake(): void
}

export type JobBoard = {
  /** Registers a stream until the follower is disposed. A newer stream of the device replaces it. */
  follow(deviceId: DeviceId, kinds: readonly string[], wake: () => void): JobFollower
  find(deviceId: DeviceId): JobFollower | undefined
  /** Wakes every stream that has sent a job of the batch. */
  wakeTold(batchId: BatchId): void
  /** The stream has sent the batch's job to the device, or has sent its end. */
  noteTold(follower: JobFollower, batchId: BatchId, attempt: number | undefined): void
  /** Calls the listener for each device that begins to follow. */
  onFollow(listener: (deviceId: DeviceId) => void): void
}

/** Creates a board without followers. */
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
