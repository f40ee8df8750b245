/**
 * OS driver: an agent installs no image. The device does not report the capability, so the hub offers it none. A device
 * with SWUpdate joins the hub without an agent.
 */
import type { Driver, DriverAnswer } from '../driver.ts'

const MISSING = {
  code: 'updater_missing',
  message:
    'this agent installs no images of operating systems; add the updater of the device with "skerry device ddi add"',
} as const

const DONE = async (): Promise<DriverAnswer> => ({ ok: true })
const refused = async (): Promise<DriverAnswer> => ({ ok: false, ...MISSING })

export const openOsDriver = (): Driver => ({
  loaded: () => undefined,
  trouble: () => MISSING,
  isCapable: () => false,
  load: refused,
  activate: refused,
  unload: DONE,
  deactivate: DONE,
})
