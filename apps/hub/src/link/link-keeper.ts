/**
 * Link keeper: stores which devices have a link to this hub, as soon as one opens or ends. Gathered for a moment: a fleet that comes back opens thousands at
 * once, and each commit waits for the disk. The database's word and not this hub's memory is shown to people, so that every hub says the same.
 */
import type { LinkEnd } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import { storeLinks } from '../devices/device-link-store.ts'
import type { Hub } from '../hub.ts'
import type { DeviceLinkTable } from '../store/tables/device-link-tables.ts'

export type LinkKeeper = AsyncDisposable & {
  /** A device's link is open; gives the way to say how it ended. */
  opened(deviceId: DeviceId): (ended: LinkEnd) => void
}

/** People see a change within this; the first change after a quiet moment waits as long. */
const GATHER_MS = 100

/** A database or a disk that is away: the newest state of each device waits. */
const AGAIN_MS = 2_000

/** Some milliseconds of a transaction; the rest follows in the next. */
const BATCH_MAX = 256

/** Stores nothing yet. */
export function createLinkKeeper(hub: Pick<Hub, 'store' | 'clock' | 'bus' | 'log' | 'cluster'>): LinkKeeper {
  const { store, clock, bus, log, cluster } = hub
  const gathered = new Map<DeviceId, DeviceLinkTable>()
  let timer: NodeJS.Timeout | undefined
  let storing: Promise<boolean> = Promise.resolve(true)
  const note = (row: DeviceLinkTable) => {
    gathered.set(row.device_id, row)
    schedule(GATHER_MS)
  }
  const schedule = (ms: number) => {
    timer ??= setTimeout(() => {
      timer = undefined
      storing = storing.then(storeSome)
    }, ms)
  }
  const storeSome = async (): Promise<boolean> => {
    const rows = [...gathered.values()].slice(0, BATCH_MAX)
    if (rows.length === 0) return true
    try {
      await store.transaction((tx) => storeLinks(tx, rows))
    } catch (error) {
      log.warn('links_not_stored', { count: rows.length, error })
      schedule(AGAIN_MS)
      return false
    }
    for (const row of rows) {
      if (gathered.get(row.device_id) === row) gathered.delete(row.device_id)
      bus.publish('device.noted', row.device_id)
    }
    if (gathered.size > 0) schedule(GATHER_MS)
    return true
  }
  return {
    opened(device_id) {
      const row = { device_id, hub_id: cluster.hubId, connected_at_ms: clock.nowMs(), ended_at_ms: null, ended: null }
      note(row)
      return (ended) => note({ ...row, ended_at_ms: clock.nowMs(), ended })
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(timer)
      await storing
      while (gathered.size > 0 && (await storeSome()));
      clearTimeout(timer)
    },
  }
}
