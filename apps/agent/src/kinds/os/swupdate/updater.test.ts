/** The real SWUpdate, fw_setenv and grub-editenv, with two files as slots and a boot loader that the test plays. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { forgetfulDisk } from '@skerry/testkit/faults/forgetful-disk'
import { deep } from '@skerry/testkit/tier'
import { type ImageMaker, makeSlotImage, newImageMaker } from '@skerry/testkit/updates/swu'
import { hasSwupdate } from '@skerry/testkit/updates/swupdate'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSwupdateUpdater } from './updater.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const signal = AbortSignal.timeout(600_000)
const PROGRAMS = ['/usr/bin/fw_setenv', '/usr/bin/grub-editenv']
const canInstall = hasSwupdate && PROGRAMS.every((path) => existsSync(path))

/** U-Boot and GRUB count starts in their own way. Both read the variables of the settings. */
const TRIAL = { upgrade_available: '1', bootcount: '0' }
const GOOD = { upgrade_available: '0', bootcount: '0' }

type Kind = 'u-boot' | 'grub'

let path: string
let maker: ImageMaker
let kind: Kind
let boots: number
let restarts: number
let running: string

const at = (name: string) => join(path, name)

async function openDevice(wanted: Kind): Promise<void> {
  kind = wanted
  const config = 'globals: { bootloader = "none"; };\n'
  const uboot = `globals: { bootloader = "uboot"; fwenv-config-location = "${at('env')}"; };\n`
  await writeFile(at('swupdate.cfg'), kind === 'u-boot' ? uboot : config)
  if (kind === 'u-boot') {
    await writeFile(at('env'), `${at('env.bin')} 0x0 0x4000\n`)
    writeFileSync(at('env.bin'), '')
    truncateSync(at('env.bin'), 0x4000)
    await writeFile(at('first'), 'skerry_slot=a\nustate=0\n')
    execFileSync('fw_setenv', ['-c', at('env'), '-f', at('first'), '-s', at('first')], { stdio: 'ignore' })
  } else {
    execFileSync('grub-editenv', [at('env'), 'create'])
    execFileSync('grub-editenv', [at('env'), 'set', 'skerry_slot=a', 'ustate=0'])
  }
  await describeDevice({})
}

const describeDevice = (more: object) =>
  writeFile(
    at('settings.json'),
    JSON.stringify({
      hardware: 'gateway:1.0',
      certificate: maker.certificatePath,
      configuration: at('swupdate.cfg'),
      slots: {
        a: { select: 'stable,a', kernelWord: 'root=/dev/a' },
        b: { select: 'stable,b', kernelWord: 'root=/dev/b' },
      },
      environment: { kind, file: at('env'), trial: TRIAL, good: GOOD },
      ...more,
    }),
  )

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'skerry-swupdate-'))
  maker = await newImageMaker(path)
  ;[boots, restarts, running] = [0, 0, 'a']
  for (const slot of ['a', 'b']) {
    writeFileSync(at(`${slot}.img`), '')
    truncateSync(at(`${slot}.img`), 1_000_000)
  }
})

afterEach(() => rm(path, { recursive: true, force: true }))

/** The variables that the boot loader reads. */
function variables(): Record<string, string> {
  const [program, ...words] = kind === 'u-boot' ? ['fw_printenv', '-c', at('env')] : ['grub-editenv', at('env'), 'list']
  const lines = execFileSync(program ?? '', words).toString()
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  )
}

/** Starts the machine. The boot loader returns to the other slot if the slot on trial is broken. */
function boot(broken = ''): string {
  boots++
  const { skerry_slot: wanted = '', upgrade_available: isTrial } = variables()
  const isLeft = wanted === broken && isTrial === '1'
  running = isLeft ? { a: 'b', b: 'a' }[wanted as 'a' | 'b'] : wanted
  return running
}

const updater = (more: { fileSystem?: FileSystem; osAccess?: readonly ('swupdate' | 'reboot')[] } = {}) =>
  openSwupdateUpdater({
    folder: at('kept'),
    fileSystem: nodeFileSystem,
    log,
    osAccess: ['swupdate', 'reboot'],
    os: { swupdateSettings: at('settings.json') },
    bootId: async () => `boot ${boots}`,
    restart: async () => void restarts++,
    kernelLine: async () => `quiet root=/dev/${running} ro`,
    ...more,
  })

const item = (digest: string, sizeBytes = 1_000) =>
  ({
    kind: 'os',
    name: 'gateway-os',
    version: 1,
    digest: `sha256:${digest.padStart(64, '0')}`,
    files: [{ path: 'image.swu', sizeBytes }],
  }) as unknown as DesiredItem

const image = (version: string, more: { by?: ImageMaker | undefined; hardware?: string } = {}) => {
  const { by = maker, hardware = '1.0' } = more
  const devices = { a: at('a.img'), b: at('b.img') }
  const content = Buffer.from(`system ${version} `.repeat(2_000))
  return makeSlotImage({ version, content, hardware, devices }, 'by' in more ? more.by : by)
}

const readerOf = (bytes: Buffer) =>
  async function* () {
    yield bytes
  }

async function update(digest: string, bytes: Buffer, used = updater()) {
  const prepared = await used.prepare(item(digest, bytes.length), readerOf(bytes), signal)
  return prepared.ok ? used.install(item(digest), signal) : prepared
}

const slotText = (slot: string) => readFileSync(at(`${slot}.img`), 'utf8').slice(0, 10)
const WAITS = { ok: false, code: 'os_restart_waits', waitMs: expect.any(Number) }

describe.skipIf(!canInstall)('SWUpdate of this machine', () => {
  test.each(['u-boot', 'grub'] as const)(
    'an image goes to the other slot by the variables of %s, and stays after its probation',
    async (wanted) => {
      await openDevice(wanted)
      const bytes = await image('2.0')
      expect(await update('2', bytes)).toMatchObject(WAITS)
      expect([slotText('b'), restarts]).toEqual(['system 2.0', 1])
      expect(variables()).toMatchObject({ skerry_slot: 'b', ustate: '1', ...TRIAL })
      expect(boot()).toBe('b')
      expect(await updater().start?.(signal)).toEqual({ ok: true })
      expect(variables()).toMatchObject(TRIAL)
      expect(await update('2', bytes)).toEqual({ ok: true })
      await updater().settle(item('2'), signal)
      expect(variables()).toMatchObject({ skerry_slot: 'b', ustate: '0', ...GOOD })
      expect(await update('2', bytes)).toEqual({ ok: true })
      expect([restarts, (await readdir(at('kept'))).filter((name) => name.endsWith('.swu'))]).toEqual([1, []])
    },
  )

  test('a system that does not start fails, and the slot from before runs on', async () => {
    await openDevice('u-boot')
    const bytes = await image('2.0')
    expect(await update('2', bytes)).toMatchObject(WAITS)
    expect(boot('b')).toBe('a')
    expect(await update('2', bytes)).toMatchObject({ ok: false, code: 'os_boot_failed' })
    expect(variables()).toMatchObject({ skerry_slot: 'a', ...GOOD })
    expect(boot()).toBe('a')
  })

  test('a system that failed its probation makes room for the one before, and a return only switches', async () => {
    await openDevice('grub')
    const [second, third] = [await image('2.0'), await image('3.0')]
    await update('2', second)
    boot()
    await update('2', second)
    await updater().settle(item('2'), signal)
    expect(await update('3', third)).toMatchObject(WAITS)
    expect([boot(), slotText('a')]).toEqual(['a', 'system 3.0'])
    expect(await update('3', third)).toEqual({ ok: true })
    expect(await updater().giveBack(item('3'), signal)).toEqual({ ok: true })
    expect(variables()).toMatchObject({ skerry_slot: 'b', ustate: '3', ...GOOD })
    expect(restarts).toBe(3)
    expect(boot()).toBe('b')
    expect(await update('2', second)).toEqual({ ok: true })
  })

  test('at the door, an image of another maker, without a signature, for other hardware or with a changed byte is rejected', async () => {
    await openDevice('u-boot')
    const stranger = await newImageMaker(path, 'stranger')
    const damaged = await image('2.0')
    damaged[damaged.lastIndexOf('system')] = 0x58
    const cases = [
      [await image('2.0', { by: stranger }), 'Signature verification failed'],
      [await image('2.0', { by: undefined }), ''],
      [await image('2.0', { hardware: '9.9' }), 'not compatible with hardware'],
      [damaged, ''],
    ] as const
    for (const [index, [bytes, words]] of cases.entries()) {
      const answer = await update(`${index + 1}`, bytes)
      expect(answer).toMatchObject({ code: 'os_image_refused', message: expect.stringContaining(words) })
    }
    const large = item('9', Number.MAX_SAFE_INTEGER)
    expect(await updater().prepare(large, readerOf(damaged), signal)).toMatchObject({ code: 'storage_full' })
    expect(readFileSync(at('b.img')).every((byte) => byte === 0)).toBe(true)
    expect(variables()).toMatchObject({ skerry_slot: 'a', ustate: '0' })
  })

  test('a cut while a slot is written leaves no version in it, and the way back stays', async () => {
    await openDevice('u-boot')
    const bytes = await image('2.0')
    const used = updater()
    expect(await used.prepare(item('2', bytes.length), readerOf(bytes), signal)).toEqual({ ok: true })
    await expect(cutAfterNotes(2, (fileSystem) => update('2', bytes, updater({ fileSystem })))).rejects.toThrow('slots')
    expect([variables().skerry_slot, boot()]).toEqual(['a', 'a'])
    expect(JSON.parse(await readFile(at('kept/swupdate-slots.json'), 'utf8')).b).toEqual({})
    expect(await update('2', bytes)).toMatchObject(WAITS)
    expect(boot()).toBe('b')
    expect(await update('2', bytes)).toEqual({ ok: true })
  })

  test.each(['nothing', 'all'])(
    'a cut of the power at any change of the disk, which keeps %s of what was not synced, ends in the version',
    { ...deep('an installation for each change of the disk'), timeout: 1_200_000 },
    async (kept) => {
      await openDevice('u-boot')
      const [first, second] = [await image('2.0'), await image('3.0')]
      let cuts = 0
      for (let cutAt = 1; ; cutAt++) {
        await rm(at('kept'), { recursive: true, force: true })
        await bringTo('2', first)
        const proven = running
        const disk = forgetfulDisk(nodeFileSystem, { cutAt, keeps: () => kept === 'all' })
        const done = await bringTo('3', second, updater({ fileSystem: disk.fileSystem })).then(
          () => true,
          () => false,
        )
        disk.cutPower()
        boot()
        const text = slotText(running)
        expect(['system 2.0', 'system 3.0']).toContain(text)
        // The slot from before is whole until the new version is proven.
        expect(slotText(proven)).toBe('system 2.0')
        await bringTo('3', second)
        expect(slotText(running)).toBe('system 3.0')
        expect(variables()).toMatchObject({ skerry_slot: running, ...GOOD })
        if (!disk.isCut()) {
          expect(done).toBe(true)
          break
        }
        cuts++
      }
      expect(cuts).toBeGreaterThan(10)
    },
  )

  test('a disk that is full at any change leaves the running system as it is', {
    ...deep('an installation for each change of the disk'),
    timeout: 600_000,
  }, async () => {
    await openDevice('u-boot')
    const bytes = await image('2.0')
    for (let failAt = 1; ; failAt++) {
      await rm(at('kept'), { recursive: true, force: true })
      const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
      await update('2', bytes, updater({ fileSystem: failing.fileSystem })).catch(() => undefined)
      const { skerry_slot: next } = variables()
      if (next === 'b') expect(slotText('b')).toBe('system 2.0')
      execFileSync('fw_setenv', ['-c', at('env'), 'skerry_slot', 'a'])
      if (!failing.hasFailed()) break
    }
  })

  test('a slot that is too small fails, and the boot loader keeps the running one', async () => {
    await openDevice('u-boot')
    const devices = { a: at('a.img'), b: '/dev/full' }
    const content = Buffer.from('system 2.0 '.repeat(2_000))
    const bytes = await makeSlotImage({ version: '2.0', content, hardware: '1.0', devices }, maker)
    expect(await update('2', bytes)).toMatchObject({ code: 'os_install_failed' })
    expect(variables().skerry_slot).toBe('a')
    expect(JSON.parse(await readFile(at('kept/swupdate-slots.json'), 'utf8')).b).toEqual({})
  })

  test('settings with a mistake, and a kernel of an unknown slot, say what to correct', async () => {
    await openDevice('u-boot')
    const bytes = await image('2.0')
    running = 'c'
    expect(await update('2', bytes)).toMatchObject({ code: 'os_slots_unknown' })
    await describeDevice({ hardware: 'gateway' })
    expect(await update('2', bytes)).toMatchObject({
      code: 'os_settings_invalid',
      message: expect.stringContaining('hardware: must be BOARD:REVISION'),
    })
    await rm(at('settings.json'))
    expect(await update('2', bytes)).toMatchObject({ code: 'os_settings_invalid' })
  })
})

/** Lays, installs, restarts and settles until the version runs. */
async function bringTo(digest: string, bytes: Buffer, used = updater()): Promise<void> {
  for (let turn = 0; turn < 6; turn++) {
    const before = restarts
    const answer = await update(digest, bytes, used)
    if (answer.ok) return used.settle(item(digest), signal)
    expect(answer).toMatchObject(WAITS)
    if (restarts > before) boot()
  }
  throw new Error('the version does not come up')
}

/** The power is cut before the note of the slots is written for the n-th time. */
async function cutAfterNotes<T>(turn: number, work: (fileSystem: FileSystem) => Promise<T>): Promise<T> {
  let writes = 0
  const open: FileSystem['open'] = async (...words) => {
    if (words[0].includes('swupdate-slots.json') && ++writes === turn) throw new Error('the power is cut')
    return nodeFileSystem.open(...words)
  }
  return work({ ...nodeFileSystem, open })
}
