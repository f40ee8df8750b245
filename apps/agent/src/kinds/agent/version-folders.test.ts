/** The folders of versions on a disk that is full, fails, or loses its power at each of its changes. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { forgetfulDisk } from '@skerry/testkit/faults/forgetful-disk'
import { deep, law, rounds } from '@skerry/testkit/tier'
import { afterEach, expect, test } from 'vitest'
import {
  A,
  addFromPackage,
  B,
  C,
  newLauncherFolder,
  removeLauncherFolder,
  replaceVersions,
  tornVersions,
} from '../../../test/stage/agent-versions.ts'
import { readLaunch, versionFolder } from '../../launcher/launch-files.ts'

/** The real calls would wait for all other programs that write to the disk of this computer. */
const quickFileSystem: FileSystem = { ...nodeFileSystem, syncAll: async () => {}, syncFolder: async () => {} }

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) removeLauncherFolder(root)
})

function newRoot(): string {
  const root = newLauncherFolder()
  roots.push(root)
  return root
}

/** The next attempt ends, and leaves no rests. */
async function expectGoesOn(root: string, what: string): Promise<void> {
  expect(await replaceVersions(root, quickFileSystem), what).toBe(true)
  expect(tornVersions(root), what).toEqual([])
  expect(readdirSync(join(root, 'versions')).toSorted(), what).toEqual([A, C])
  expect(statSync(join(versionFolder(root, C), 'node')).mode & 0o777).toBe(0o700)
}

/** A life has some forty changes. Far more would mean that the count never reaches the end. */
const CHANGES_MAX = 200

type Fault = [name: string, code: string, after: 'fails' | 'works']

const FAULTS: Fault[] = [
  ['a full disk', 'ENOSPC', 'fails'],
  ['a disk that fails once', 'EIO', 'works'],
]
const OTHER_FAULTS: Fault[] = [
  ['a disk that was full for one moment', 'ENOSPC', 'works'],
  ['a quota', 'EDQUOT', 'works'],
  ['a kill', 'EIO', 'fails'],
]

async function endureFault(code: string, after: 'fails' | 'works'): Promise<void> {
  for (let failAt = 1; failAt <= CHANGES_MAX; failAt++) {
    const root = newRoot()
    const failing = failingFileSystem(quickFileSystem, { failAt, code, after })
    const outcome = await replaceVersions(root, failing.fileSystem).catch(() => 'thrown')
    const what = `${code} at change ${failAt}: ${failing.changes[failAt - 1]}`
    expect(tornVersions(root), what).toEqual([])
    await expectGoesOn(root, what)
    if (failing.hasFailed()) continue
    expect(outcome).toBe(true)
    expect(failAt).toBeGreaterThan(30)
    return
  }
  throw new Error(`a life has more than ${CHANGES_MAX} changes`)
}

test.each(FAULTS)('%s at each change leaves no torn version, and the next attempt ends', (_, code, after) =>
  endureFault(code, after),
)

test.each(OTHER_FAULTS)(
  '%s at each change leaves no torn version either',
  deep('two faults of the quick tier walk the same changes of the disk'),
  (_, code, after) => endureFault(code, after),
)

test('a cut of the power at each change leaves no torn version, and the next attempt ends', law, async () => {
  for (let round = 0; round < rounds({ quick: 2, deep: 40 }); round++) {
    // The first round forgets all that is not durable, and the second one keeps all. The others draw.
    const keeps = () => (round < 2 ? round === 1 : Math.random() < 0.5)
    for (let cutAt = 1; cutAt <= CHANGES_MAX; cutAt++) {
      const root = newRoot()
      const disk = forgetfulDisk(quickFileSystem, { cutAt, keeps })
      const outcome = await replaceVersions(root, disk.fileSystem).catch(() => 'thrown')
      disk.cutPower()
      const what = `power cut at change ${cutAt} of round ${round}`
      expect(tornVersions(root), what).toEqual([])
      await expectGoesOn(root, what)
      if (disk.isCut()) continue
      expect(outcome).toBe(true)
      break
    }
  }
})

test('a version that was added is still there after a cut of the power', async () => {
  const root = newRoot()
  const disk = forgetfulDisk(quickFileSystem, { cutAt: CHANGES_MAX, keeps: () => false })
  expect(await addFromPackage(root, B, disk.fileSystem)).toBe(true)
  disk.cutPower()
  expect(readLaunch(root).versions).toEqual(new Set([A, B]))
  expect(tornVersions(root), 'after the cut').toEqual([])
})

const failToSync = () => Promise.reject(new Error('a broken disk'))

test('a version whose name was not durable yet is durable when the next attempt has ended', async () => {
  const root = newRoot()
  const disk = forgetfulDisk(quickFileSystem, { cutAt: CHANGES_MAX, keeps: () => false })
  const brokenOnce = new Proxy(disk.fileSystem, {
    get: (target, name) => (name === 'syncFolder' ? failToSync : Reflect.get(target, name)),
  })
  await expect(addFromPackage(root, B, brokenOnce)).rejects.toThrow('a broken disk')
  expect(await addFromPackage(root, B, disk.fileSystem)).toBe(true)
  disk.cutPower()
  expect(readLaunch(root).versions).toEqual(new Set([A, B]))
})

test('a version is added and removed on a real disk, which gets all of it', async () => {
  const root = newRoot()
  expect(await replaceVersions(root, nodeFileSystem)).toBe(true)
  expect(tornVersions(root), 'on a real disk').toEqual([])
})

test('rests of an attempt that a kill ended do not take the room of the next attempt', async () => {
  const root = newRoot()
  const rest = join(root, 'versions', `${B}.part`)
  mkdirSync(rest)
  writeFileSync(join(rest, 'half'), 'x')
  const isThere = () => readdirSync(join(root, 'versions')).includes(`${B}.part`)
  const fileSystem = { ...quickFileSystem, freeBytes: async () => (isThere() ? 0 : 1024 ** 3) }
  expect(await addFromPackage(root, C, fileSystem)).toBe(true)
})
