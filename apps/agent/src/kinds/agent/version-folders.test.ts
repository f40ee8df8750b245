/** The folders of versions on a disk that is full, fails, or loses its power at each of its changes. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AgentPackage } from '@skerry/contract/agents/agent-package'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { forgetfulDisk } from '@skerry/testkit/faults/forgetful-disk'
import { deep, rounds } from '@skerry/testkit/tier'
import { afterEach, expect, test } from 'vitest'
import { readLaunch, versionFolder } from '../../launcher/launch-files.ts'
import { addVersion, removeVersions } from './version-folders.ts'

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]
const signal = AbortSignal.timeout(600_000)

/** The real calls would wait for all other programs that write to the disk of this computer. */
const quickFileSystem: FileSystem = { ...nodeFileSystem, syncAll: async () => {}, syncFolder: async () => {} }

const roots: string[] = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true })
})

const CODE = { 'dist/main.js': 'main '.repeat(300), 'dist/deep/part.js': 'part' }
const archive = Buffer.concat([
  ...Object.entries(CODE).flatMap(([path, text]) => [...tarEntry({ path, bytes: Buffer.from(text) })]),
  TAR_END,
])
const PARTS = [
  { path: 'code.tar', form: 'archive', bytes: archive },
  { path: 'node', form: 'program', bytes: Buffer.from('node '.repeat(200)) },
] as const

const manifest = AgentPackage.parse({
  v: 1,
  version: '9.0.0',
  architectures: ['x64'],
  node: { version: '24.0.0', path: 'node' },
  entry: 'dist/main.js',
  launcher: 'dist/main.js',
  parts: PARTS.map(({ path, form, bytes }) => ({ path, form, digest: digestOf(bytes), sizeBytes: bytes.length })),
})
const text = JSON.stringify(manifest)
const WHOLE: Readonly<Record<string, string>> = { ...CODE, node: PARTS[1].bytes.toString(), 'agent.json': text }

/** The folder of a launcher whose version A runs, with the files of the package beside it. */
function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'skerry-versions-'))
  roots.push(root)
  mkdirSync(join(root, 'blobs'))
  for (const { path, bytes } of PARTS) writeFileSync(join(root, 'blobs', path), bytes)
  mkdirSync(versionFolder(root, A), { recursive: true })
  writeFileSync(join(versionFolder(root, A), 'agent.json'), 'A')
  symlinkSync(join('versions', A), join(root, 'current'))
  return root
}

const sourcesOf = (root: string) =>
  PARTS.map(({ path }) => ({ name: path, path: join(root, 'blobs', path), seal: undefined }))

function add(root: string, digest: string, fileSystem: FileSystem) {
  return addVersion({ root, digest }, { fileSystem, sources: sourcesOf(root), manifest, text }, signal)
}

/** A version is added, replaced by another, and removed: all changes that the agent makes to the folders. */
async function live(root: string, fileSystem: FileSystem): Promise<boolean> {
  if (!(await add(root, B, fileSystem))) return false
  await removeVersions({ root, fileSystem }, (digest) => digest === A)
  return add(root, C, fileSystem)
}

function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Each version that the launcher would start has all of its files. The running version is one of them. */
function expectNothingTorn(root: string, what: string): void {
  const { versions, current } = readLaunch(root)
  expect(current, what).toBe(A)
  expect(versions, what).toContain(A)
  for (const digest of versions) {
    expect(filesOf(versionFolder(root, digest)), what).toEqual(digest === A ? { 'agent.json': 'A' } : WHOLE)
  }
}

/** The next attempt ends, and leaves no rests. */
async function expectGoesOn(root: string, what: string): Promise<void> {
  expect(await live(root, quickFileSystem), what).toBe(true)
  expectNothingTorn(root, what)
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
    const outcome = await live(root, failing.fileSystem).catch(() => 'thrown')
    const what = `${code} at change ${failAt}: ${failing.changes[failAt - 1]}`
    expectNothingTorn(root, what)
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

test('a cut of the power at each change leaves no torn version, and the next attempt ends', async () => {
  for (let round = 0; round < rounds({ quick: 2, deep: 40 }); round++) {
    // The first round forgets all that is not durable, and the second one keeps all. The others draw.
    const keeps = () => (round < 2 ? round === 1 : Math.random() < 0.5)
    for (let cutAt = 1; cutAt <= CHANGES_MAX; cutAt++) {
      const root = newRoot()
      const disk = forgetfulDisk(quickFileSystem, { cutAt, keeps })
      const outcome = await live(root, disk.fileSystem).catch(() => 'thrown')
      disk.cutPower()
      const what = `power cut at change ${cutAt} of round ${round}`
      expectNothingTorn(root, what)
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
  expect(await add(root, B, disk.fileSystem)).toBe(true)
  disk.cutPower()
  expect(readLaunch(root).versions).toEqual(new Set([A, B]))
  expectNothingTorn(root, 'after the cut')
})

const failToSync = () => Promise.reject(new Error('a broken disk'))

test('a version whose name was not durable yet is durable when the next attempt has ended', async () => {
  const root = newRoot()
  const disk = forgetfulDisk(quickFileSystem, { cutAt: CHANGES_MAX, keeps: () => false })
  const brokenOnce = new Proxy(disk.fileSystem, {
    get: (target, name) => (name === 'syncFolder' ? failToSync : Reflect.get(target, name)),
  })
  await expect(add(root, B, brokenOnce)).rejects.toThrow('a broken disk')
  expect(await add(root, B, disk.fileSystem)).toBe(true)
  disk.cutPower()
  expect(readLaunch(root).versions).toEqual(new Set([A, B]))
})

test('a version is added and removed on a real disk, which gets all of it', async () => {
  const root = newRoot()
  expect(await live(root, nodeFileSystem)).toBe(true)
  expectNothingTorn(root, 'on a real disk')
})

test('rests of an attempt that a kill ended do not take the room of the next attempt', async () => {
  const root = newRoot()
  const rest = join(root, 'versions', `${B}.part`)
  mkdirSync(rest)
  writeFileSync(join(rest, 'half'), 'x')
  const isThere = () => readdirSync(join(root, 'versions')).includes(`${B}.part`)
  const fileSystem = { ...quickFileSystem, freeBytes: async () => (isThere() ? 0 : 1024 ** 3) }
  expect(await add(root, C, fileSystem)).toBe(true)
})
