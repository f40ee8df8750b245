/** Waits until a device's intent or status may have changed. */
import type { DeviceId } from '@skerry/contract/ids'
import type { Hub } from '../hub.ts'

/** Should an event be lost, the stored state is looked at again after so long: a late rollback is better than none. */
const LOOK_AGAIN_MS = 30_000

/** Resolves at the next event, after a while, or when the signal fires; it listens from the call on. */
export function waitForChange(hub: Hub, deviceId: DeviceId, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stopDesired()
      stopDevice()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, LOOK_AGAIN_MS)
    const stopDesired = hub.bus.subscribe('desired.changed', deviceId, end)
    const stopDevice = hub.bus.subscribe('device.changed', deviceId, end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
