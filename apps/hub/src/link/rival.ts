/**
 * Rival: another connection of the same device. An agent opens one at a time, so an older one is dead and does not know it, or somebody
 * else has the device's key. A dead one does not answer.
 */
import { recordDuplicate } from '../devices/duplicate-store.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { LinkConnection } from './link-connection.ts'

/** Twice what a satellite takes; a device that lost its network waits so much longer for its new connection. */
const ANSWER_MS = 1_500

/** Whether somebody answers at the other end of the connection. */
export function isAnswering({ socket }: Pick<LinkConnection, 'socket'>): Promise<boolean> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve(false)
  return new Promise((resolve) => {
    const end = (isThere: boolean) => {
      clearTimeout(timer)
      socket.off('pong', answered)
      socket.off('close', closed)
      resolve(isThere)
    }
    const answered = () => end(true)
    const closed = () => end(false)
    const timer = setTimeout(closed, ANSWER_MS)
    socket.once('pong', answered)
    socket.once('close', closed)
    socket.ping()
  })
}

/** Puts on record that the device is in two places. */
export async function tellOfRival(
  hub: Pick<Hub, 'store' | 'clock' | 'bus' | 'log'>,
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>,
  places: { kept: string; other: string },
): Promise<void> {
  hub.log.warn('device_duplicated', { deviceId: device.id, ...places })
  const nowMs = hub.clock.nowMs()
  await hub.store.transaction((tx) => recordDuplicate(tx, { device, ...places, nowMs }))
  hub.bus.publish('device.noted', device.id)
}
