/** System driver: a hub sends the parts of a system, each as an item of its own kind. No document has an item of this kind. */
import type { Driver, DriverAnswer } from '../driver.ts'

const NOT_ONE_ITEM = {
  code: 'kind_unknown',
  message: 'this agent runs the parts of a system, and no system as one item; update the hub',
} as const

const DONE = async (): Promise<DriverAnswer> => ({ ok: true })
const refused = async (): Promise<DriverAnswer> => ({ ok: false, ...NOT_ONE_ITEM })

export const openSystemDriver = (): Driver => ({
  loaded: () => undefined,
  isCapable: () => false,
  load: refused,
  activate: refused,
  unload: DONE,
  deactivate: DONE,
})
