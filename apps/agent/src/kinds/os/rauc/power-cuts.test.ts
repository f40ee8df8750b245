/**
 * Power cuts with the real RAUC and its own code for GRUB. The power is cut before each change of the notes of the agent,
 * and before and after each order to RAUC that changes a slot. The test plays GRUB as images of `skerry image build` set it up.
 *
 * @module-tag deep an installation for each cut
 */
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import type { Log } from '@skerry/platform/process/log'
import { forgetfulDisk } from '@skerry/testkit/faults/forgetful-disk'
import { hasRauc, openRaucDevice, type RaucDevice, type RaucSlotName, REPEATS } from '@skerry/testkit/updates/rauc'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openRaucUpdater } from './updater.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const signal = AbortSignal.timeout(3_600_000)

let path: string
let device: RaucDevice
let [boots, restarts] = [0, 0]
let running: RaucSlotName

const at = (name: string) => join(path, name)
const textOf = (name: string) => (existsSync(at(name)) ? readFileSync(at(name), 'utf8').trim() : '')

/** Notes each order that changes a slot, with the slot that runs. `cut-at` names the order at which the power is cut. */
const RAUC = `#!/bin/sh
cd "$(dirname "$0")/.."
case "$*" in *' install '*|*'status mark-'*) ;; *) exec /usr/bin/rauc "$@" ;; esac
[ ! -f cut ] || exit 1
echo "$(cat running) $*" >>orders
at=$(wc -l <orders)
if [ "$(cat cut-at 2>/dev/null)" = "before $at" ]; then touch cut; exit 1; fi
/usr/bin/rauc "$@"
code=$?
if [ "$(cat cut-at 2>/dev/null)" = "after $at" ]; then touch cut; exit 1; fi
exit $code
`

/** The state of the device on its disk, outside of the folder of the agent. */
const STATE = ['data', 'A.img', 'B.img', 'grubenv', 'kept']

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-rauc-power-'))
  ;[boots, restarts] = [0, 0]
  mkdirSync(at('bin'))
  writeFileSync(at('bin/rauc'), RAUC, { mode: 0o755 })
  device = await openRaucDevice(path, { loader: ['bootloader=grub', `grubenv=${at('grubenv')}`] })
  for (const version of ['2.0', '3.0']) device.makeBundle({ version })
  setEnvironment({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '0', B_TRY: '0' })
  writeFileSync(at('A.img'), 'system 1.0 '.repeat(REPEATS))
})

afterEach(async () => {
  await device.stop()
  rmSync(path, { recursive: true, force: true })
})

function setEnvironment(values: Readonly<Record<string, string>>): void {
  if (!existsSync(at('grubenv'))) execFileSync('grub-editenv', [at('grubenv'), 'create'])
  const words = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  execFileSync('grub-editenv', [at('grubenv'), 'set', ...words])
}

/** The variables of GRUB. */
const environment = (): Record<string, string> =>
  Object.fromEntries(
    execFileSync('grub-editenv', [at('grubenv'), 'list'])
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  )

/** The version of the system in a slot; undefined if it is not whole. */
function systemOf(slot: RaucSlotName): string | undefined {
  const text = readFileSync(at(`${slot}.img`), 'utf8').replaceAll('\0', '')
  const [, version = ''] = /^system (\d\.\d) /.exec(text) ?? []
  return text === `system ${version} `.repeat(REPEATS) ? version : undefined
}

const STARTS_MAX = 3

/** GRUB of an image: it takes the first slot of the order that may start and has starts left, and counts the start. */
function chooseSlot(): RaucSlotName {
  const values = environment()
  const order = (values.ORDER ?? '').split(' ') as RaucSlotName[]
  const may = order.filter((slot) => values[`${slot}_OK`] === '1')
  const chosen = may.find((slot) => Number(values[`${slot}_TRY`]) < STARTS_MAX) ?? may[0] ?? 'A'
  setEnvironment({ [`${chosen}_TRY`]: String(Math.min(STARTS_MAX, Number(values[`${chosen}_TRY`]) + 1)) })
  return chosen
}

/** Starts of the machine until one system comes up. A system that is not whole, or is broken, starts the machine again. */
async function boot(broken = ''): Promise<void> {
  boots++
  for (let start = 0; start < 2 * STARTS_MAX + 1; start++) {
    running = chooseSlot()
    const system = systemOf(running)
    if (system === undefined || system === broken) continue
    writeFileSync(at('running'), running)
    return device.serve(running)
  }
  throw new Error(`no system starts: ${JSON.stringify(environment())}`)
}

const updater = (fileSystem: FileSystem = nodeFileSystem) =>
  openRaucUpdater({
    folder: at('kept'),
    fileSystem,
    log,
    osAccess: ['rauc', 'reboot'],
    environment: { ...device.environment, PATH: `${at('bin')}:${process.env.PATH}` },
    configuration: device.configuration,
    bootId: async () => `boot ${boots}`,
    restart: async () => void restarts++,
  })

const item = (version: string) =>
  ({
    kind: 'os',
    name: 'plant-os',
    version: 1,
    digest: `sha256:${version.padStart(64, '0')}`,
    files: [{ path: 'image.raucb', sizeBytes: 1_000 }],
  }) as unknown as DesiredItem

const readerOf = (version: string) =>
  async function* (name: string): AsyncGenerator<Uint8Array> {
    if (name === 'image.json') yield Buffer.from(JSON.stringify({ format: 'rauc', version, compatible: 'plant' }))
    else yield* createReadStream(at(`${version}.raucb`))
  }

type Life = { fileSystem?: FileSystem; broken?: string; isHealthy?: (version: string) => boolean }

/** Machine starts in which an agent installs the version, until the version is proven or has failed. */
async function bringTo(version: string, life: Life = {}): Promise<string> {
  for (let turn = 0; turn < 8; turn++) {
    const before = restarts
    const ending = await runAgent(version, life)
    if (restarts > before) await boot(life.broken)
    if (ending !== undefined) return ending
  }
  throw new Error('the version neither comes up nor fails')
}

/** One start of the agent, with the steps of the driver of operating systems. Undefined if the version is not decided. */
async function runAgent(version: string, { fileSystem, isHealthy = () => true }: Life): Promise<string | undefined> {
  const used = updater(fileSystem)
  const isWell = isHealthy(systemOf(running) ?? '')
  if (isWell) await used.start?.(signal)
  const prepared = await used.prepare(item(version), readerOf(version), signal)
  const answer = prepared.ok ? await used.install(item(version), signal) : prepared
  if (!answer.ok) return answer.waitMs === undefined ? answer.code : undefined
  if (isWell) {
    await used.settle(item(version), signal)
    return 'proven'
  }
  const back = await used.giveBack(item(version), signal)
  return back.ok ? 'given back' : back.code
}

/** The device with system 2.0 in slot B, proven. Each round begins with a copy of it. */
async function makeProven(): Promise<void> {
  await boot()
  expect(await bringTo('2.0')).toBe('proven')
  await device.halt()
  for (const name of STATE) cpSync(at(name), join(at('proven'), name), { recursive: true })
}

async function resetToProven(): Promise<void> {
  await device.halt()
  for (const name of ['orders', 'cut', 'cut-at']) rmSync(at(name), { force: true })
  for (const name of STATE) {
    rmSync(at(name), { recursive: true, force: true })
    cpSync(join(at('proven'), name), at(name), { recursive: true })
  }
  restarts = 0
  await boot()
  expect(running).toBe('B')
}

type Cut = { at: number; series: 'nothing' | 'all' | 'before' | 'after' }

/** Works until the power is cut. Answers whether that cut happened. */
async function lifeUntilCut({ at: cutAt, series }: Cut, life: Life): Promise<boolean> {
  const isOrder = series === 'before' || series === 'after'
  if (isOrder) writeFileSync(at('cut-at'), `${series} ${cutAt}`)
  const disk = forgetfulDisk(nodeFileSystem, {
    cutAt: isOrder ? Infinity : cutAt,
    isOff: () => existsSync(at('cut')),
    keeps: () => series !== 'nothing',
  })
  const work = bringTo('3.0', { ...life, fileSystem: disk.fileSystem })
  await work.catch((error: unknown) => {
    if (!disk.isCut()) throw error
  })
  disk.cutPower()
  const isCut = disk.isCut()
  for (const name of ['cut', 'cut-at']) rmSync(at(name), { force: true })
  return isCut
}

const orders = (what: string) =>
  textOf('orders')
    .split('\n')
    .filter((line) => line.includes(what))

/** Runs a round for each cut, until a round ends without one. */
async function cutEverywhere(series: Cut['series'], life: Life, check: () => Promise<void>): Promise<number> {
  for (let cuts = 0; ; cuts++) {
    await resetToProven()
    const isCut = await lifeUntilCut({ at: cuts + 1, series }, life)
    await boot(life.broken)
    // The proven system is whole until the new one is proven.
    const [a, b] = [systemOf('A'), systemOf('B')]
    expect(b, `cut ${cuts + 1} (${series})`).toBe('2.0')
    expect(['1.0', '3.0', undefined]).toContain(a)
    await check()
    // A further start changes nothing: the loop of GRUB has come to rest.
    const rest = running
    await boot(life.broken)
    expect(running).toBe(rest)
    if (!isCut) return cuts
  }
}

const CUTS = ['nothing', 'all', 'before', 'after'] as const

/** The least number of cuts in a series, so that a series that ends too early is noticed. */
const CUTS_MIN = { nothing: 15, all: 15, before: 3, after: 3 }

const LONG = { timeout: 3_600_000 }

describe.skipIf(!hasRauc)('a cut of the power with RAUC and GRUB', () => {
  beforeEach(makeProven)

  test.each(CUTS)('ends in a system that works (%s)', LONG, async (series) => {
    const cuts = await cutEverywhere(series, {}, async () => {
      expect(await bringTo('3.0')).toBe('proven')
      expect([running, systemOf('A')]).toEqual(['A', '3.0'])
      expect(environment()).toMatchObject({ ORDER: 'A B', A_OK: '1', A_TRY: '0', B_OK: '1' })
      expect(existsSync(at('kept/rauc-trial.json'))).toBe(false)
      expect(orders(' install ').length).toBeLessThanOrEqual(2)
    })
    expect(cuts).toBeGreaterThanOrEqual(CUTS_MIN[series])
  })

  test.each(CUTS)('never marks a system good that fails its probation (%s)', LONG, async (series) => {
    const life: Life = { isHealthy: (version) => version !== '3.0' }
    const cuts = await cutEverywhere(series, life, () => leavesVersion(life, ['given back', 'os_boot_failed']))
    expect(cuts).toBeGreaterThanOrEqual(CUTS_MIN[series])
  })

  test.each(CUTS)('leaves a system that does not start (%s)', LONG, async (series) => {
    const life: Life = { broken: '3.0' }
    const cuts = await cutEverywhere(series, life, () => leavesVersion(life, ['os_boot_failed']))
    expect(cuts).toBeGreaterThanOrEqual(CUTS_MIN[series])
  })
})

/** The agent gives version 3.0 up after one more installation at most, and proves 2.0 again. */
async function leavesVersion(life: Life, endings: readonly string[]): Promise<void> {
  expect(endings).toContain(await bringTo('3.0', life))
  expect(await updater().giveBack(item('3.0'), signal)).toMatchObject({ ok: true })
  expect(await bringTo('2.0', life)).toBe('proven')
  expect(running).toBe('B')
  expect(environment()).toMatchObject({ A_OK: '0', B_OK: '1', B_TRY: '0' })
  expect(existsSync(at('kept/rauc-trial.json'))).toBe(false)
  // The first word of an order is the slot in which it was given.
  expect(orders('mark-good').filter((line) => line.startsWith('A'))).toEqual([])
  expect(orders(' install ').length).toBeLessThanOrEqual(2)
}
