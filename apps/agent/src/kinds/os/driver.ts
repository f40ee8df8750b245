/**
 * OS driver: an agent installs no image. The device does not report the capability, so the hub offers it none. A device
 * with SWUpdate joins the hub without an agent.
 */
import type { Driver, DriverAnswer } from '../driver.ts'

const DONE: DriverAnswer = { ok: true }

export const openOsDriver = (): Driver => ({
  loaded: () => [],
  isCapable: () => false,
  load: async () => ({
    ok: false,
    code: 'updater_missing',
    message:
      'this agent installs no images of operating systems; add the updater of the device with "skerry device ddi add"',
  }),
  activate: async () => ({ ok: false, code: 'slot_unknown', message: 'the image is not installed' }),
  unload: async () => DONE,
  deactivate: async () => DONE,
})
