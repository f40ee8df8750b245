/** The real apt and dpkg, in a root of their own, with a repository that the test makes. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { PackageList } from '@skerry/contract/os/package-list'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openApt } from './apt.ts'
import { openDebianUpdater } from './updater.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const signal = AbortSignal.timeout(600_000)
const isDebian = statSync('/usr/bin/dpkg-deb', { throwIfNoEntry: false }) !== undefined

let path: string
let environment: NodeJS.ProcessEnv
let restarts: number
let listed: string[]

/** Makes the package, and returns its paragraph for the index of the repository. */
function makePackage(name: string, version: string, extra = '', architecture = 'all'): string {
  const folder = join(path, 'build', `${name}-${version}`)
  mkdirSync(join(folder, 'DEBIAN'), { recursive: true })
  mkdirSync(join(folder, 'usr/share', name), { recursive: true })
  writeFileSync(join(folder, 'usr/share', name, 'version'), version)
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nMaintainer: test <t@example.com>\nDescription: ${name}\n${extra}`
  writeFileSync(join(folder, 'DEBIAN/control'), control)
  const file = `${name}_${version}_${architecture}.deb`
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', folder, join(path, 'repository', file)], { stdio: 'ignore' })
  const bytes = readFileSync(join(path, 'repository', file))
  const hash = createHash('sha256').update(bytes).digest('hex')
  return `${control}Filename: ./${file}\nSize: ${bytes.length}\nSHA256: ${hash}\n`
}

/** Adds packages to the index of the repository. */
function offer(...more: string[]): void {
  listed = [...listed, ...more]
  writeFileSync(join(path, 'repository/Packages'), listed.join('\n'))
}

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'skerry-debian-'))
  restarts = 0
  const root = join(path, 'root')
  for (const folder of [
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/apt/lists/partial',
    'var/cache/apt/archives/partial',
    'var/log/apt',
    'etc/apt/apt.conf.d',
    'etc/apt/preferences.d',
    'etc/apt/trusted.gpg.d',
  ])
    mkdirSync(join(root, folder), { recursive: true })
  mkdirSync(join(path, 'repository'), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status'), '')
  listed = [
    makePackage('pump-control', '1.0-1'),
    makePackage('pump-control', '2.0-1', 'Depends: pump-library (>= 2.0)\n'),
    makePackage('pump-library', '1.0-1'),
    makePackage('pump-library', '2.0-1'),
    makePackage('pump-panel', '1.0-1', 'Conflicts: pump-control (>= 2.0)\n'),
    makePackage('pump-broken', '1.0-1', 'Depends: nowhere\n'),
  ]
  offer()
  writeFileSync(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${join(path, 'repository')} ./\n`)
  const conf = join(path, 'apt.conf')
  writeFileSync(
    conf,
    `Dir "${root}/"; Dir::State::status "${root}/var/lib/dpkg/status"; APT::Sandbox::User "root"; APT::Architecture "amd64"; APT::Architectures { "amd64"; };
Dir::Bin::dpkg "/usr/bin/dpkg"; Dir::Bin::methods "/usr/lib/apt/methods"; DPkg::Options { "--root=${root}"; "--log=/dev/null"; };`,
  )
  environment = { PATH: process.env.PATH, APT_CONFIG: conf, DPKG_ADMINDIR: join(root, 'var/lib/dpkg') }
})

afterEach(() => rmSync(path, { recursive: true, force: true }))

const updaterWith = (osAccess: readonly ('debian' | 'reboot')[] = ['debian', 'reboot']) =>
  openDebianUpdater({
    folder: join(path, 'kept'),
    fileSystem: nodeFileSystem,
    clock: systemClock,
    log,
    osAccess,
    environment,
    restartFile: join(path, 'reboot-required'),
    restart: async () => void restarts++,
  })

const installed = async () => Object.fromEntries(await openApt(environment).installed(signal))

const item = (digest: string) => ({ kind: 'os', name: 'plant-os', version: 1, digest }) as unknown as DesiredItem

const listOf = (packages: Record<string, string>, more: Partial<PackageList> = {}) =>
  JSON.stringify({
    format: 'debian',
    version: '2026.11',
    packages: Object.entries(packages).map(([name, version]) => ({ name, version })),
    ...more,
  })

const OLD = listOf({ 'pump-control': '1.0-1', 'pump-library': '1.0-1' })
const NEW = listOf({ 'pump-control': '2.0-1', 'pump-library': '2.0-1' })

async function* readOnce(text: string) {
  yield Buffer.from(text)
}

const readOf = (text: string) => () => readOnce(text)

async function update(digest: string, text: string) {
  const updater = updaterWith()
  const prepared = await updater.prepare(item(digest), readOf(text), signal)
  return prepared.ok ? updater.install(item(digest), signal) : prepared
}

/** A person installs a package by hand. */
async function installByHand(name: string): Promise<void> {
  const apt = openApt(environment)
  await apt.update(signal)
  expect(await apt.install([name], signal)).toMatchObject({ ok: true })
}

describe.skipIf(!isDebian)('apt of this machine', () => {
  test('packages come to exactly the versions of the list, and a list that failed its probation goes back', async () => {
    expect(await update('one', OLD)).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-control': '1.0-1', 'pump-library': '1.0-1' })
    await updaterWith().settle(item('one'), signal)
    expect(await update('two', NEW)).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-control': '2.0-1', 'pump-library': '2.0-1' })
    // Another process: the way back is on the disk.
    expect(await updaterWith().giveBack(item('two'), signal)).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-control': '1.0-1', 'pump-library': '1.0-1' })
    expect(readFileSync(join(path, 'root/usr/share/pump-control/version'), 'utf8')).toBe('1.0-1')
  })

  test('packages that were not there before are removed on the way back, and a settled list stays', async () => {
    expect(await update('one', OLD)).toEqual({ ok: true })
    expect(await updaterWith().giveBack(item('one'), signal)).toEqual({ ok: true })
    expect(await installed()).toEqual({})
    expect(await update('one', OLD)).toEqual({ ok: true })
    await updaterWith().settle(item('one'), signal)
    expect(await updaterWith().giveBack(item('one'), signal)).toEqual({ ok: true })
    expect(await installed()).toMatchObject({ 'pump-control': '1.0-1' })
  })

  test('the check before the installation rejects a list, and changes nothing', async () => {
    await update('one', listOf({ 'pump-library': '1.0-1', 'pump-panel': '1.0-1' }))
    const before = await installed()
    expect(await update('two', NEW)).toMatchObject({
      code: 'os_packages_refused',
      message: expect.stringContaining('pump-panel'),
    })
    const held = listOf({ 'pump-control': '2.0-1' }, { hold: ['pump-library'] })
    expect(await update('three', held)).toMatchObject({ ok: false, code: 'os_packages_refused' })
    expect(await update('four', listOf({ 'pump-control': '9.9-9' }))).toMatchObject({
      code: 'os_packages_refused',
      message: expect.stringContaining("'9.9-9'"),
    })
    expect(await update('five', listOf({ 'pump-broken': '1.0-1' }))).toMatchObject({
      ok: false,
      code: 'os_packages_refused',
    })
    expect(await installed()).toEqual(before)
  })

  test('a repository that cannot be read is no fault of the list', async () => {
    rmSync(join(path, 'repository/Packages'))
    expect(await update('one', OLD)).toMatchObject({
      ok: false,
      code: 'os_packages_unreachable',
      waitMs: expect.any(Number),
    })
  })

  test('a package that needs an added one stays on the way back, and the versions return', async () => {
    await update('one', listOf({ 'pump-control': '1.0-1' }))
    await updaterWith().settle(item('one'), signal)
    offer(makePackage('pump-script', '1.0-1', 'Depends: pump-library\n'))
    await update('two', NEW)
    await installByHand('pump-script')
    expect(await updaterWith().giveBack(item('two'), signal)).toMatchObject({
      code: 'os_return_failed',
      message: expect.stringContaining('pump-script'),
    })
    expect(await installed()).toEqual({ 'pump-control': '1.0-1', 'pump-library': '2.0-1', 'pump-script': '1.0-1' })
  })

  test('nothing is removed if the versions from before cannot return', async () => {
    await update('one', listOf({ 'pump-control': '1.0-1' }))
    await updaterWith().settle(item('one'), signal)
    await update('two', NEW)
    listed = listed.filter((paragraph) => !paragraph.includes('pump-control_1.0-1'))
    offer()
    rmSync(join(path, 'root/var/cache/apt/archives'), { recursive: true })
    await openApt(environment).update(signal)
    expect(await updaterWith().giveBack(item('two'), signal)).toMatchObject({ code: 'os_return_failed' })
    expect(await installed()).toEqual({ 'pump-control': '2.0-1', 'pump-library': '2.0-1' })
  })

  test('a list that failed goes before the last good one is proven again, and leaves nothing behind', async () => {
    await update('one', listOf({ 'pump-control': '1.0-1' }))
    await updaterWith().settle(item('one'), signal)
    await update('two', listOf({ 'pump-library': '2.0-1' }))
    expect(await update('one', listOf({ 'pump-control': '1.0-1' }))).toEqual({ ok: true })
    await updaterWith().settle(item('one'), signal)
    expect(await updaterWith().giveBack(item('two'), signal)).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-control': '1.0-1' })
  })

  test('a list waits while the way back of the one before cannot be fetched, and takes it over if it is gone', async () => {
    await update('one', OLD)
    await updaterWith().settle(item('one'), signal)
    await update('two', NEW)
    offer(makePackage('pump-probe', '1.0-1'))
    for (const name of ['pump-control', 'pump-library']) rmSync(join(path, 'repository', `${name}_1.0-1_all.deb`))
    const next = listOf({ 'pump-probe': '1.0-1' })
    expect(await update('three', next)).toMatchObject({ code: 'os_return_failed', waitMs: expect.any(Number) })
    expect(JSON.parse(readFileSync(join(path, 'kept/trial.json'), 'utf8'))).toMatchObject({
      digest: expect.stringContaining('two'),
    })
    listed = listed.filter((paragraph) => !paragraph.includes('_1.0-1_all.deb') || paragraph.includes('pump-probe'))
    offer()
    expect(await update('three', next)).toEqual({ ok: true })
    const trial = JSON.parse(readFileSync(join(path, 'kept/trial.json'), 'utf8'))
    expect(trial.before).toContainEqual({ name: 'pump-control', version: '1.0-1' })
  })

  test('a package for several architectures has one name, with or without that of the machine', async () => {
    const own = await openApt(environment).architecture(signal)
    const makeBus = (version: string) => makePackage('pump-bus', version, 'Multi-Arch: same\n', own)
    offer(makeBus('1.0-1'), makeBus('2.0-1'))
    expect(await update('one', listOf({ 'pump-bus': '1.0-1' }))).toEqual({ ok: true })
    await updaterWith().settle(item('one'), signal)
    expect(await update('two', listOf({ [`pump-bus:${own}`]: '2.0-1' }))).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-bus': '2.0-1' })
    expect(await updaterWith().giveBack(item('two'), signal)).toEqual({ ok: true })
    expect(await installed()).toEqual({ 'pump-bus': '1.0-1' })
    offer(makePackage('pump-probe', '1.0-1', 'Depends: pump-bus (>= 2.0)\n'))
    const held = listOf({ 'pump-probe': '1.0-1' }, { hold: [`pump-bus:${own}`] })
    expect(await update('three', held)).toMatchObject({ message: expect.stringContaining('the list holds') })
    const twice = listOf({ 'pump-bus': '2.0-1', [`pump-bus:${own}`]: '1.0-1' })
    expect(await update('four', twice)).toMatchObject({ code: 'os_packages_refused' })
  })

  test('the machine restarts once if a package demands it, and only if the command line allows it', async () => {
    writeFileSync(join(path, 'reboot-required'), '')
    expect(await update('one', OLD)).toMatchObject({ ok: false, code: 'os_restart_waits' })
    expect(await update('one', OLD)).toMatchObject({ ok: false, code: 'os_restart_waits' })
    // It did not restart, and is told again.
    expect(restarts).toBe(2)
    const trial = JSON.parse(readFileSync(join(path, 'kept/trial.json'), 'utf8'))
    writeFileSync(join(path, 'kept/trial.json'), JSON.stringify({ ...trial, restartedFrom: 'the boot before' }))
    expect(await update('one', OLD)).toEqual({ ok: true })
    expect(restarts).toBe(2)
    rmSync(join(path, 'kept'), { recursive: true })
    const careful = updaterWith(['debian'])
    await careful.prepare(item('one'), readOf(OLD), signal)
    expect(await careful.install(item('one'), signal)).toEqual({ ok: true })
    expect(restarts).toBe(2)
  })
})
