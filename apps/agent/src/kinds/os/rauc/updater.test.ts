/** The real RAUC and its service, on a bus of their own, with two files as slots and a boot loader that the test plays. */
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import {
  hasRauc,
  openRaucDevice,
  type RaucBundle,
  type RaucDevice,
  type RaucSlotName,
} from '@skerry/testkit/updates/rauc'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRaucUpdater } from './updater.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const signal = AbortSignal.timeout(600_000)
let path: string
let device: RaucDevice
let boots: number
let restarts: number

const at = (name: string) => join(path, name)
const read = (name: string, otherwise: string) =>
  existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : otherwise

const BACKEND = `#!/bin/sh
cd "$(dirname "$0")"
case "$1" in
  get-primary) cat primary 2>/dev/null || echo A ;;
  set-primary) echo "$2" >primary ;;
  get-state) cat "state.$2" 2>/dev/null || echo good ;;
  set-state) echo "$3" >"state.$2" ;;
esac
`

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-rauc-'))
  boots = 0
  restarts = 0
  writeFileSync(at('backend.sh'), BACKEND, { mode: 0o755 })
  const sections = `[handlers]\nbootloader-custom-backend=${at('backend.sh')}\n`
  device = await openRaucDevice(path, { loader: ['bootloader=custom'], sections })
})

afterEach(async () => {
  await device.stop()
  rmSync(path, { recursive: true, force: true })
})

const updater = (osAccess: readonly ('rauc' | 'reboot')[] = ['rauc', 'reboot'], used: Log = log) =>
  openRaucUpdater({
    folder: at('kept'),
    fileSystem: nodeFileSystem,
    log: used,
    osAccess,
    environment: device.environment,
    configuration: device.configuration,
    bootId: async () => `boot ${boots}`,
    restart: async () => void restarts++,
  })

/** Starts the machine: a boot loader takes the primary slot, and the other one if that slot is bad or broken. */
async function boot(broken = ''): Promise<string> {
  boots++
  const primary = read('primary', 'A')
  const other = primary === 'A' ? 'B' : 'A'
  const slot = primary === broken || read(`state.${primary}`, 'good') === 'bad' ? other : primary
  // A boot loader tries a new slot once, although it is not marked good yet.
  const tried = broken === '' && existsSync(at('kept/rauc-trial.json')) ? primary : slot
  await device.serve(tried as RaucSlotName)
  return tried
}

const makeBundle = (version: string, more: Omit<RaucBundle, 'version'> = {}) => device.makeBundle({ version, ...more })

const item = (digest: string, sizeBytes = 1_000) =>
  ({
    kind: 'os',
    name: 'plant-os',
    version: 1,
    digest: `sha256:${digest.padStart(64, '0')}`,
    files: [{ path: 'image.raucb', sizeBytes }],
  }) as unknown as DesiredItem

const readerOf = (version: string, stated = version) =>
  async function* (name: string): AsyncGenerator<Uint8Array> {
    if (name === 'image.json')
      yield Buffer.from(JSON.stringify({ format: 'rauc', version: stated, compatible: 'plant' }))
    else yield* createReadStream(at(`${version}.raucb`))
  }

async function update(version: string, used = updater(), digest = version) {
  const prepared = await used.prepare(item(digest), readerOf(version), signal)
  return prepared.ok ? used.install(item(digest), signal) : prepared
}

/** Brings the machine to the version, and proves it. */
async function prove(version: string): Promise<void> {
  makeBundle(version)
  expect(await update(version)).toMatchObject(WAITS)
  await boot()
  expect(await update(version)).toEqual({ ok: true })
  await updater().settle(item(version), signal)
}

/** Lays and installs the version, as a new run of the agent would see it. */
async function cutBeforeNote(version: string): Promise<void> {
  const cut = () => {
    throw new Error('the power is cut')
  }
  await expect(update(version, updater(undefined, { ...log, info: cut }))).rejects.toThrow('the power is cut')
}

const WAITS = { ok: false, code: 'os_restart_waits', waitMs: expect.any(Number) }

describe.skipIf(!hasRauc)('RAUC of this machine', () => {
  test('a bundle goes to the other slot, and stays after its probation', async () => {
    makeBundle('2.0')
    await boot()
    expect(await update('2.0')).toMatchObject(WAITS)
    expect(readFileSync(at('B.img'), 'utf8')).toContain('system 2.0')
    expect(restarts).toBe(1)
    expect(await boot()).toBe('B')
    expect(await update('2.0')).toEqual({ ok: true })
    expect(read('state.B', '')).not.toBe('good')
    await updater().settle(item('2.0'), signal)
    expect(read('state.B', '')).toBe('good')
    expect(await update('2.0')).toEqual({ ok: true })
    expect(restarts).toBe(1)
  })

  test('a system that does not start fails, and the slot from before runs on', async () => {
    makeBundle('2.0')
    await boot()
    expect(await update('2.0')).toMatchObject(WAITS)
    expect(await boot('B')).toBe('A')
    expect(await update('2.0')).toMatchObject({ ok: false, code: 'os_boot_failed' })
    expect([read('state.B', ''), read('state.A', '')]).toEqual(['bad', 'good'])
    expect(await updater().giveBack(item('2.0'), signal)).toEqual({ ok: true })
    expect(restarts).toBe(1)
  })

  test('the start of the agent marks the running slot good, except while a version is on trial', async () => {
    makeBundle('2.0')
    await boot()
    writeFileSync(at('state.A'), 'bad')
    expect(await updater().start?.(signal)).toEqual({ ok: true })
    expect(read('state.A', '')).toBe('good')
    await update('2.0')
    await boot()
    writeFileSync(at('state.B'), 'bad')
    expect(await updater().start?.(signal)).toEqual({ ok: true })
    expect(read('state.B', '')).toBe('bad')
    // A note that cannot be read may be that of a version on trial.
    writeFileSync(at('kept/rauc-trial.json'), '{"digest":')
    expect(await updater().start?.(signal)).toEqual({ ok: true })
    expect(read('state.B', '')).toBe('bad')
  })

  test('the trial names the boot in which an agent ran in the new system', async () => {
    const seenIn = () => JSON.parse(read('kept/rauc-trial.json', '{}')).seenIn
    makeBundle('2.0')
    await boot()
    await update('2.0')
    expect(await update('2.0')).toMatchObject(WAITS)
    expect([seenIn(), await updater().restartedTrial()]).toEqual([undefined, undefined])
    await boot()
    await update('2.0')
    expect([seenIn(), await updater().restartedTrial()]).toEqual(['boot 2', item('2.0').digest])
    await updater().settle(item('2.0'), signal)
    expect(await updater().restartedTrial()).toBeUndefined()
  })

  test('a system that failed its probation makes room for the one before', async () => {
    makeBundle('2.0')
    await boot()
    await update('2.0')
    await boot()
    expect(await update('2.0')).toEqual({ ok: true })
    expect(await updater().giveBack(item('2.0'), signal)).toEqual({ ok: true })
    expect(restarts).toBe(2)
    expect([read('primary', ''), read('state.B', '')]).toEqual(['A', 'bad'])
    expect(await boot()).toBe('A')
  })

  test('a bundle of another maker, version or device is rejected, and nothing is written', async () => {
    device.makeMaker('stranger')
    makeBundle('2.0', { maker: 'stranger' })
    makeBundle('3.0', { compatible: 'mill' })
    makeBundle('4.0')
    await boot()
    expect(await update('2.0')).toMatchObject({ ok: false, code: 'os_image_refused' })
    expect(await update('3.0')).toMatchObject({
      code: 'os_image_refused',
      message: expect.stringContaining('mill 3.0'),
    })
    const lied = await updater().prepare(item('4.0'), readerOf('4.0', '4.1'), signal)
    expect(lied).toMatchObject({ code: 'os_image_refused', message: expect.stringContaining('plant 4.0') })
    expect(readFileSync(at('B.img')).every((byte) => byte === 0)).toBe(true)
  })

  test('a version on trial leaves before the proven one comes back, and its slot is marked bad', async () => {
    await boot()
    await prove('1.0')
    makeBundle('2.0')
    expect(await update('2.0')).toMatchObject(WAITS)
    expect(await boot()).toBe('A')
    expect(await update('2.0')).toEqual({ ok: true })
    // Some boot loaders count boots, and report a slot as good until then.
    writeFileSync(at('state.A'), 'good')
    expect(await update('1.0')).toMatchObject(WAITS)
    expect([read('primary', ''), read('state.A', '')]).toEqual(['B', 'bad'])
    expect(await boot()).toBe('B')
    expect(await update('1.0')).toEqual({ ok: true })
    expect(await updater().giveBack(item('2.0'), signal)).toEqual({ ok: true })
    expect(read('state.B', '')).toBe('good')
  })

  test('a third version does not overwrite the proven slot while another one is on trial', async () => {
    await boot()
    await prove('1.0')
    makeBundle('2.0')
    makeBundle('3.0')
    await update('2.0')
    await boot()
    expect(await update('3.0')).toMatchObject(WAITS)
    expect(await updater().giveBack(item('2.0'), signal)).toEqual({ ok: true })
    expect(await update('2.0')).toMatchObject(WAITS)
    expect(await update('3.0')).toMatchObject(WAITS)
    expect(readFileSync(at('B.img'), 'utf8')).toContain('system 1.0')
    expect(await boot()).toBe('B')
    expect(await update('3.0')).toMatchObject(WAITS)
    expect(readFileSync(at('A.img'), 'utf8')).toContain('system 3.0')
  })

  test('other bytes of the same version are another system', async () => {
    await boot()
    await prove('2.0')
    makeBundle('2.0', { text: 'another 2.0 ' })
    expect(await update('2.0', updater(), 'f')).toMatchObject(WAITS)
    expect(readFileSync(at('A.img'), 'utf8')).toContain('another 2.0')
  })

  test('a slot that RAUC did not write as a whole is written again', async () => {
    await boot()
    await prove('1.0')
    await prove('2.0')
    await device.halt()
    const status = readFileSync(at('data/central.raucs'), 'utf8')
    writeFileSync(at('data/central.raucs'), status.replaceAll('status=ok', 'status=update'))
    writeFileSync(at('B.img'), '')
    truncateSync(at('B.img'), 1_000_000)
    expect(await boot()).toBe('A')
    expect(await update('1.0')).toMatchObject(WAITS)
    expect(readFileSync(at('B.img'), 'utf8')).toContain('system 1.0')
  })

  test('a slot of which the agent has no notes is known by the bundle, and the bundle goes', async () => {
    await boot()
    await prove('2.0')
    rmSync(at('kept'), { recursive: true })
    expect(await update('2.0')).toEqual({ ok: true })
    expect(readdirSync(at('kept'))).toEqual(['rauc-marks.json'])
  })

  test('a power cut right after the installation loses neither the way back nor the probation', async () => {
    makeBundle('2.0')
    await boot()
    await cutBeforeNote('2.0')
    expect(await boot()).toBe('B')
    expect(await update('2.0')).toEqual({ ok: true })
    expect(await updater().giveBack(item('2.0'), signal)).toEqual({ ok: true })
    expect([read('primary', ''), read('state.B', '')]).toEqual(['A', 'bad'])
    expect(await boot()).toBe('A')
    await cutBeforeNote('2.0')
    await boot()
    expect(await update('2.0')).toEqual({ ok: true })
    await updater().settle(item('2.0'), signal)
    expect(read('state.B', '')).toBe('good')
  })

  test('a proven system whose slot is not marked good yet is marked later', async () => {
    await boot()
    await prove('2.0')
    writeFileSync(at('state.B'), 'bad')
    const used = updater()
    expect(await update('2.0', used)).toEqual({ ok: true })
    await used.settle(item('2.0'), signal)
    expect(read('state.B', '')).toBe('good')
  })

  test('a device with a third system is not touched', async () => {
    const conf = readFileSync(at('system.conf'), 'utf8')
    writeFileSync(at('rescue.img'), '')
    const rescue = `[slot.rescue.0]\ndevice=${at('rescue.img')}\ntype=raw\nbootname=R\n`
    writeFileSync(at('system.conf'), `${conf}${rescue}`)
    makeBundle('2.0')
    await boot()
    expect(await update('2.0')).toMatchObject({
      code: 'os_slots_unknown',
      message: expect.stringContaining('3 slots'),
    })
    expect([read('state.R', 'good'), read('state.B', 'good')]).toEqual(['good', 'good'])
  })

  test('a bundle waits for room, and one that nothing needs any more is removed', async () => {
    makeBundle('2.0')
    await boot()
    mkdirSync(at('kept'))
    writeFileSync(at('kept/0123.raucb'), 'left by an earlier run')
    const large = item('2.0', Number.MAX_SAFE_INTEGER)
    expect(await updater().prepare(large, readerOf('2.0'), signal)).toMatchObject({ code: 'storage_full' })
    expect(readdirSync(at('kept'))).toEqual([])
  })

  test('without the permission, a person restarts the machine', async () => {
    makeBundle('2.0')
    await boot()
    expect(await update('2.0', updater(['rauc']))).toMatchObject(WAITS)
    expect(restarts).toBe(0)
    await boot()
    expect(await update('2.0', updater(['rauc']))).toEqual({ ok: true })
  })
})
