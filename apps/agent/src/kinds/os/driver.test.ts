import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { until } from '@skerry/testkit/until'
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

const depsIn = (folder: string, allowed: string) =>
  ({
    os: osOptionsOf({ 'allow-os': allowed }),
    folder,
    fileSystem: nodeFileSystem,
    signal: AbortSignal.timeout(5_000),
    onChange() {},
  }) as unknown as Deps

test('after a restart of the machine, the driver names the version on trial until it is given back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-os-'))
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
  const note = { digest: item.digest, before: [], restartedFrom: 'the boot before' }
  writeFileSync(join(folder, 'trial.json'), JSON.stringify(note))
  const driver = openOsDriver(depsIn(folder, 'debian,reboot'))
  await until(() => driver.trials?.().length === 1)
  expect(driver.trials?.()).toEqual([item.digest])
  writeFileSync(join(folder, 'trial.json'), JSON.stringify({ ...note, digest: 'sha256:2' }))
  expect(
    await driver.unload({ ...item, files: [{ path: 'packages.json', digest: item.digest, sizeBytes: 1 }] }),
  ).toEqual({
    ok: true,
  })
  expect(driver.trials?.()).toEqual(['sha256:2'])
})

test('an image of another updater is rejected', async () => {
  const driver = openOsDriver(depsIn('/nonexistent', 'debian'))
  expect(driver.isCapable?.() ?? true).toBe(true)
  expect(await driver.load(item, 'shared', AbortSignal.timeout(1_000))).toMatchObject({ code: 'os_format_refused' })
})

test.each(['apt', 'debian,shell', 'DEBIAN'])('--allow-os %s is rejected', (given) => {
  expect(osTrouble({ 'allow-os': given })).toContain('--allow-os must be a list of debian, rauc, swupdate, reboot')
})
