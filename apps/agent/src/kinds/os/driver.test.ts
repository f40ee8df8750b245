import type { DesiredItem } from '@skerry/contract/devices/desired'
import { expect, test } from 'vitest'
import { openOsDriver } from './driver.ts'
import { osOptionsOf, osTrouble } from './os-options.ts'

type Deps = Parameters<typeof openOsDriver>[0]

const item = {
  kind: 'os',
  name: 'plant-os',
  digest: 'sha256:1',
  files: [{ path: 'image.swu' }],
} as unknown as DesiredItem

test('an agent whose command line allows no updater reports no capability, and installs nothing', async () => {
  const driver = openOsDriver({ os: osOptionsOf({ 'allow-os': 'reboot' }) } as unknown as Deps)
  expect(driver.isCapable?.()).toBe(false)
  expect(await driver.load(item, 'shared', AbortSignal.timeout(1_000))).toMatchObject({ code: 'updater_missing' })
  expect(await driver.activate(item, 'unproven')).toMatchObject({ code: 'updater_missing' })
})

test('an image of another updater is rejected', async () => {
  const deps = { os: osOptionsOf({ 'allow-os': 'debian' }), folder: '/nonexistent', signal: AbortSignal.timeout(1_000) }
  const driver = openOsDriver(deps as unknown as Deps)
  expect(driver.isCapable?.() ?? true).toBe(true)
  expect(await driver.load(item, 'shared', AbortSignal.timeout(1_000))).toMatchObject({ code: 'os_format_refused' })
})

test.each(['apt', 'debian,shell', 'DEBIAN'])('--allow-os %s is rejected', (given) => {
  expect(osTrouble({ 'allow-os': given })).toContain('--allow-os must be a list of debian, rauc, swupdate, reboot')
})
