/** App driver: the containers of apps. This agent has no container engine yet. */
import type { Driver, DriverAnswer } from '../driver.ts'

const DONE: DriverAnswer = { ok: true }

export const openAppDriver = (): Driver => ({
  loaded: () => [],
  load: async () => ({
    ok: false,
    code: 'engine_missing',
    message: 'the device has no container engine that the agent can use; install Docker',
  }),
  activate: async () => ({ ok: false, code: 'slot_unknown', message: 'the app is not loaded' }),
  unload: async () => DONE,
  deactivate: async () => DONE,
})
