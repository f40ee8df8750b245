import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { systemClock } from '@skerry/platform/process/clock'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commitVersion, noteFailure, readFailures, readLaunch, writeTrial } from '../../launcher/launch-files.ts'
import { createHubContact } from '../../updates/agent-seat.ts'
import { AGENT_VERSION } from '../../version.ts'
import type { Driver } from '../driver.ts'
import { checkFailure, openAgentDriver } from './driver.ts'

const RUNNING = 'a'.repeat(64)

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skerry-seat-'))
  await mkdir(join(root, 'versions', RUNNING), { recursive: true })
  await writeFile(join(root, 'versions', RUNNING, 'agent.json'), '{}')
  commitVersion(root, RUNNING)
})
afterEach(() => rm(root, { recursive: true, force: true }))

const MAIN = 'main.js'
const archive = (path = MAIN, text = 'process.exit(0)') =>
  Buffer.concat([...tarEntry({ path, bytes: Buffer.from(text) }), TAR_END])

type Wish = Partial<AgentPackage> & { archive?: Buffer; retryToken?: number; running?: string; allowDowngrade?: true }

/** A driver whose agent runs from `running`, and an item whose files are on the disk. */
async function stage({ archive: code = archive(), retryToken = 0, running = RUNNING, allowDowngrade, ...more }: Wish) {
  const manifest = {
    v: 1,
    version: '9.0.0',
    architectures: [process.arch],
    node: { version: '24.0.0' },
    entry: MAIN,
    launcher: MAIN,
    parts: [{ path: 'code.tar', digest: digestOf(code), sizeBytes: code.length, form: 'archive' }],
    ...more,
  }
  const contents = { 'agent.json': Buffer.from(JSON.stringify(manifest)), 'code.tar': code }
  const sources = await Promise.all(
    Object.entries(contents).map(async ([name, bytes]) => {
      const path = join(root, `blob-${name}`)
      await writeFile(path, bytes)
      return { name, path, seal: undefined }
    }),
  )
  const built = buildDesiredItem({ kind: 'agent', name: 'skerry-agent', version: 2, retryToken })
  const item = { ...built, spec: allowDowngrade ? { allowDowngrade } : {} } as DesiredItem
  const handOver = vi.fn()
  const contact = createHubContact()
  const { signal } = new AbortController()
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const onChange = vi.fn()
  const fileSystem = { ...nodeFileSystem }
  const driver: Driver = openAgentDriver({
    runner: {} as never,
    files: { withFiles: <T>(_: object, work: (files: typeof sources) => Promise<T>) => work(sources) } as never,
    folder: join(root, 'driver'),
    engineSocket: '',
    statesFolder: join(root, 'states'),
    apps: {
      isCapable: () => false,
      endpointOf: () => undefined,
      dataFolderOf: async () => undefined,
      repositoryOf: () => undefined,
      repositoryFolderOf: async () => undefined,
      control: async () => ({ ok: false, code: 'app_unknown', message: 'there are no containers' }),
    },
    fileSystem,
    clock: systemClock,
    log,
    signal,
    onChange,
    seat: { root, running, contactSeconds: 5, launcherPid: undefined, handOver, contact },
  })
  const digest = hexOf(item.digest)
  const load = () => driver.load(item, 'shared', signal)
  const prove = () => driver.prove?.(item, signal)
  return { driver, fileSystem, item, digest, handOver, contact, onChange, load, prove }
}

test('a version is unpacked, checked, and put on trial; then nothing is ready any more', async () => {
  const { driver, item, digest, handOver, load, prove } = await stage({})
  expect(await load()).toEqual({ ok: true })
  expect((await readdir(join(root, 'versions', digest))).toSorted()).toEqual(['agent.json', MAIN])
  expect(await prove()).toEqual({ ok: true })
  expect(handOver).not.toHaveBeenCalled()
  expect(await driver.activate(item, 'unproven')).toMatchObject({ code: 'runner_gone' })
  expect(handOver).toHaveBeenCalledOnce()
  expect(readLaunch(root)).toMatchObject({ current: RUNNING, trial: { digest, starts: 0 } })
  expect(driver.loaded()).toBeUndefined()
})

test('a version on trial is ready after the first answer of the hub, and commits when it is settled', async () => {
  const { digest } = await stage({})
  const { driver, item, contact, onChange, load } = await stage({ running: digest })
  await mkdir(join(root, 'versions', digest))
  writeTrial(root, { digest, starts: 1, deadlineSeconds: 5, probationSeconds: 60, retryToken: 0 })
  expect([driver.loaded(), driver.trouble?.()?.code]).toEqual([undefined, 'agent_unconfirmed'])
  contact.heard()
  expect(onChange).toHaveBeenCalledOnce()
  await load()
  expect(await driver.activate(item, 'unproven')).toEqual({ ok: true })
  expect(driver.loaded()?.[0]?.servingSinceMs).toBeGreaterThan(0)
  expect(readLaunch(root).current).toBe(RUNNING)
  await driver.settle?.(item)
  expect(readLaunch(root)).toMatchObject({ current: digest, previous: RUNNING, trial: undefined })
})

test('a version on trial commits in time, although a window or a lock holds up its item', async () => {
  const { digest } = await stage({})
  const { contact } = await stage({ running: digest })
  await mkdir(join(root, 'versions', digest))
  writeTrial(root, { digest, starts: 1, deadlineSeconds: 5, probationSeconds: 0.05, retryToken: 0 })
  contact.heard()
  expect(readLaunch(root).current).toBe(RUNNING)
  await until(() => {
    const { current, trial } = readLaunch(root)
    return Promise.resolve(current === digest && trial === undefined)
  })
})

test('a version on trial that failed its probation is remembered, and leaves its place', async () => {
  const { digest } = await stage({})
  const { driver, item, contact, handOver, load } = await stage({ running: digest })
  await mkdir(join(root, 'versions', digest))
  writeTrial(root, { digest, starts: 1, deadlineSeconds: 5, probationSeconds: 60, retryToken: 0 })
  contact.heard()
  await load()
  await driver.activate(item, 'unproven')
  await driver.unload(item)
  expect(handOver).toHaveBeenCalledOnce()
  expect(readFailures(root)).toMatchObject([{ digest, code: 'agent_returned' }])
  expect(readLaunch(root)).toMatchObject({ current: RUNNING, trial: undefined })
})

test('a failure that the launcher remembers is the answer, until somebody retries', async () => {
  const { digest, load } = await stage({})
  noteFailure(root, { digest, retryToken: 0, code: 'agent_crashed', message: 'the version ended' })
  expect(await load()).toMatchObject({ ok: false, code: 'agent_crashed' })
  expect(await (await stage({ retryToken: 1 })).load()).toEqual({ ok: true })
})

const other = process.arch === 'x64' ? 'arm64' : 'x64'
test.each<[string, Wish, string]>([
  ['for another processor', { architectures: [other] }, 'agent_architecture'],
  ['older than the running one', { version: '0.0.1' }, 'agent_downgrade'],
  ['with a path that leaves its folder', { archive: archive('../evil.js') }, 'agent_unreadable'],
  ['whose archive is cut', { archive: archive().subarray(0, 600) }, 'agent_unreadable'],
  ['of a later form', { v: 2 as never }, 'agent_unreadable'],
])('a package %s is rejected', async (_, wish, code) => {
  const { load, digest } = await stage(wish)
  expect(await load()).toMatchObject({ ok: false, code })
  expect(await readdir(join(root, 'versions'))).not.toContain(digest)
})

test('an older version is accepted if the deployment allows it, and the same version always', async () => {
  expect(await (await stage({ version: '0.0.1', allowDowngrade: true })).load()).toEqual({ ok: true })
  expect(await (await stage({ version: AGENT_VERSION })).load()).toEqual({ ok: true })
})

test('a version waits while the disk has no room for it', async () => {
  const { load, digest, fileSystem } = await stage({})
  fileSystem.freeBytes = async () => 1_000
  expect(await load()).toMatchObject({ ok: false, code: 'storage_full' })
  expect(await readdir(join(root, 'versions'))).not.toContain(digest)
})

test('rests of a version that a kill left are removed when the agent starts', async () => {
  const versions = join(root, 'versions')
  for (const rest of ['part', 'gone']) {
    await mkdir(join(versions, `${'b'.repeat(64)}.${rest}`))
    await writeFile(join(versions, `${'b'.repeat(64)}.${rest}`, 'file'), 'x')
  }
  await stage({})
  await until(async () => (await readdir(versions)).length === 1)
  expect(await readdir(versions)).toEqual([RUNNING])
})

test('a version that does not start fails its check with its last words', async () => {
  const { load, prove } = await stage({ archive: archive(MAIN, 'console.error("no libc"); process.exit(1)') })
  await load()
  expect(await prove()).toMatchObject({ code: 'agent_check_failed', message: expect.stringContaining('no libc') })
})

test.each([
  ['a version that hangs', { message: 'Command failed', killed: true, stderr: '' }, 'longer than 60 s'],
  ['a version that dies without a word', { message: 'Command failed: node main.js', stderr: '\n' }, 'Command failed'],
  ['a version with last words', { message: 'Command failed', stderr: 'a\nno such module\n' }, 'no such module'],
])('the check of %s fails with a reason', (_, error, reason) => {
  expect(checkFailure(error, 60_000)).toContain(reason)
})

test('the running version stays when its deployment ends', async () => {
  const { digest } = await stage({})
  const { driver, item, handOver, load } = await stage({ running: digest })
  await load()
  commitVersion(root, digest)
  expect(await driver.unload(item)).toEqual({ ok: true })
  expect(handOver).not.toHaveBeenCalled()
  expect(readLaunch(root)).toMatchObject({ current: digest, previous: RUNNING })
})
