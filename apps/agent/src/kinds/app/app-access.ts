/**
 * App access: a device gives an app parts of itself only if its own command line allows them. A stolen hub must not reach
 * into the machines of a plant.
 */
import { realpath } from 'node:fs/promises'
import type { App } from '@skerry/contract/apps/app'
import { refusedAccess } from '@skerry/core/apps/app-access'
import type { DriverAnswer } from '../driver.ts'

/** The reason why the release must not run here. */
export async function accessRefusal(app: App, allowed: readonly string[]): Promise<DriverAnswer | undefined> {
  const word = refusedAccess(app, allowed)
  if (word !== undefined) {
    const message = `the device does not allow ${word}; start its agent with --allow-app ${word}`
    return { ok: false, code: 'app_access_refused', message }
  }
  const folders = Object.values(app.services).flatMap(({ access }) => access?.folders ?? [])
  for (const { host } of folders) {
    const real = await realpath(host).catch(() => undefined)
    if (real === host) continue
    // A link beside a writable folder could lead to any file of the device.
    const why = real === undefined ? 'is missing; make it' : `is a link to ${real}; allow that folder instead`
    return { ok: false, code: 'app_access_refused', message: `the folder ${host} of the device ${why}` }
  }
  return undefined
}
