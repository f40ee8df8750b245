/**
 * RAUC updater: installs bundles into the slot that does not run, and restarts the machine into it. RAUC verifies the
 * signature of a bundle with the keyring of the device. The slot is marked good only after the probation. So a system that
 * does not start, or starts without a working agent, is left by the boot loader.
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { RAUC_FACTS_PATH, RAUC_PATH } from '@skerry/contract/kinds/os'
import { RaucImage } from '@skerry/contract/os/rauc-image'
import { type Slot, slotStep } from '@skerry/core/os/slot-step'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import { hexOf } from '@skerry/platform/files/hash'
import * as z from 'zod'
import { readBootId } from '../../../updates/update-locks.ts'
import type { DriverAnswer } from '../../driver.ts'
import type { DriverDeps } from '../../runner-driver.ts'
import { type Ran, restartMachine, runTool } from '../run-tool.ts'
import { parseJson, readTrialFile, writeTrialFile } from '../trial-file.ts'
import { type ReadVersionFile, type Updater, versionText } from '../updater.ts'

export type RaucDeps = Pick<DriverDeps, 'folder' | 'fileSystem' | 'log' | 'osAccess'> & {
  environment?: NodeJS.ProcessEnv
  /** The configuration of RAUC, if it is not the one of the system. */
  configuration?: string
  bootId?: () => Promise<string>
  restart?: () => Promise<void>
}

const Trial = z.object({ digest: z.string(), from: z.string(), bootId: z.string() })

/** [RAUC 1.13, `rauc status --detailed --output-format=json`] */
const Status = z.object({
  slots: z.array(
    z.record(
      z.string(),
      z.object({
        bootname: z.string().nullish(),
        state: z.string(),
        slot_status: z.object({ bundle: z.object({ version: z.string().nullish() }).optional() }).optional(),
      }),
    ),
  ),
})

const Info = z.object({ compatible: z.string(), version: z.string().nullish() })

type Rauc = Required<Omit<RaucDeps, 'configuration'>> & {
  rauc(words: readonly string[], signal: AbortSignal): Promise<Ran>
  trialPath: string
  /** The prepared versions, by digest. */
  images: Map<string, RaucImage>
}

const DONE: DriverAnswer = { ok: true }

/** The service of RAUC that starts, or the installation of another program, ends within minutes. */
const AGAIN_MS = 60_000

const PASSING = /already processing|Failed to connect|D-Bus|GDBus|timeout/i

/** The variables that say where the bus of the system is. */
const PASSED = ['PATH', 'DBUS_SYSTEM_BUS_ADDRESS', 'DBUS_SESSION_BUS_ADDRESS', 'DBUS_STARTER_BUS_TYPE']

export function openRaucUpdater({ configuration, ...deps }: RaucDeps): Updater {
  const environment = deps.environment ?? process.env
  const env = { ...Object.fromEntries(PASSED.map((name) => [name, environment[name]])), LC_ALL: 'C' }
  const before = configuration === undefined ? [] : ['-c', configuration]
  const it: Rauc = {
    ...deps,
    environment,
    osAccess: deps.osAccess ?? [],
    bootId: deps.bootId ?? (() => readBootId(deps.fileSystem)),
    restart: deps.restart ?? restartMachine,
    rauc: (words, signal) => runTool({ program: 'rauc', words: [...before, ...words], env }, signal),
    trialPath: join(deps.folder, 'rauc-trial.json'),
    images: new Map(),
  }
  return {
    mainFile: RAUC_PATH,
    prepare: (item, read, signal) => prepare(it, { item, read }, signal),
    install: (item, signal) => install(it, item, signal),
    settle: (item, signal) => settle(it, item, signal),
    giveBack: (item, signal) => giveBack(it, item, signal),
  }
}

const bundlePath = ({ folder }: Rauc, { digest }: Pick<DesiredItem, 'digest'>) => join(folder, `${hexOf(digest)}.raucb`)

type Wish = { item: DesiredItem; read: ReadVersionFile }

/** Lays the bundle down for RAUC, unless a slot has the version already, and compares it with the facts of its maker. */
async function prepare(it: Rauc, { item, read }: Wish, signal: AbortSignal): Promise<DriverAnswer> {
  const facts = RaucImage.safeParse(parseJson(await versionText(read, RAUC_FACTS_PATH)))
  if (!facts.success) return refuse('os_image_refused', `${RAUC_FACTS_PATH} cannot be read; update the agent`)
  const slots = await readSlots(it, signal)
  if (!Array.isArray(slots)) return slots
  const isHere = slots.some(({ version }) => version === facts.data.version)
  if (!isHere) {
    const laid = await layBundle(it, { item, read }, signal)
    if (!laid.ok) return laid
    const problem = await bundleProblem(it, item, facts.data, signal)
    if (problem) return problem
  }
  it.images.set(item.digest, facts.data)
  return DONE
}

async function layBundle(it: Rauc, { item, read }: Wish, signal: AbortSignal): Promise<DriverAnswer> {
  const path = bundlePath(it, item)
  await it.fileSystem.makeFolder(it.folder)
  try {
    await using file = await it.fileSystem.open(path, 'w')
    let at = 0
    for await (const piece of read(RAUC_PATH)) {
      signal.throwIfAborted()
      await file.write(piece, at)
      at += piece.length
    }
    return DONE
  } catch (error) {
    await it.fileSystem.removeFile(path)
    if (hasNoRoom(error)) return refuse('storage_full', 'the disk has no room for the bundle; make room')
    throw error
  }
}

async function bundleProblem(
  it: Rauc,
  item: DesiredItem,
  { version, compatible }: RaucImage,
  signal: AbortSignal,
): Promise<DriverAnswer | undefined> {
  const ran = await it.rauc(['info', '--output-format=json', bundlePath(it, item)], signal)
  if (!ran.ok) return failureOf('os_image_refused', ran)
  const info = Info.safeParse(parseJson(ran.text))
  if (!info.success) return refuse('os_image_refused', 'the facts of the bundle cannot be read')
  if (info.data.version === version && info.data.compatible === compatible) return undefined
  const told = `${info.data.compatible} ${info.data.version ?? ''}`
  return refuse('os_image_refused', `the bundle is ${told}, and was pushed as ${compatible} ${version}`)
}

async function install(it: Rauc, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  const image = it.images.get(item.digest)
  if (!image) return refuse('runner_gone', 'the bundle is not prepared any more')
  const slots = await readSlots(it, signal)
  if (!Array.isArray(slots)) return slots
  const bootId = await it.bootId()
  const trial = await readTrialFile(it, Trial)
  const step = slotStep({ slots, wanted: { digest: item.digest, version: image.version }, trial, bootId })
  switch (step.kind) {
    case 'running':
      return DONE
    case 'fell-back':
      await it.fileSystem.removeFile(it.trialPath)
      return refuse('os_boot_failed', `the boot loader returned to slot ${step.slot}: the new system did not start`)
    case 'restart':
      return restartInto(it)
    case 'install':
    case 'switch': {
      const words = step.kind === 'install' ? ['install', bundlePath(it, item)] : ['status', 'mark-active', step.to]
      const ran = await it.rauc(words, signal)
      if (!ran.ok) return failureOf('os_install_failed', ran)
      it.log.info('os_slot_written', { name: item.name, version: item.version, from: step.from, how: step.kind })
      await writeTrialFile(it, { digest: item.digest, from: step.from, bootId })
      return restartInto(it)
    }
  }
}

/** The loop asks again until the machine has restarted. */
async function restartInto(it: Rauc): Promise<DriverAnswer> {
  if (!it.osAccess.includes('reboot')) {
    const message = 'the new system is installed; restart the machine, or start the agent with --allow-os rauc,reboot'
    return { ok: false, code: 'os_restart_waits', message, waitMs: AGAIN_MS }
  }
  it.log.warn('os_restarts', {})
  await it.restart()
  return { ok: false, code: 'os_restart_waits', message: 'the machine restarts', waitMs: AGAIN_MS }
}

async function settle(it: Rauc, item: DesiredItem, signal: AbortSignal): Promise<void> {
  const trial = await readTrialFile(it, Trial)
  if (trial?.digest === item.digest) {
    const marked = await it.rauc(['status', 'mark-good', 'booted'], signal)
    if (!marked.ok) it.log.error('os_slot_not_marked', { message: marked.text.slice(-500) })
    await it.fileSystem.removeFile(it.trialPath)
  }
  await it.fileSystem.removeFile(bundlePath(it, item))
}

/** The slot of the version is marked bad, and the machine restarts into the slot from before. */
async function giveBack(it: Rauc, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  await it.fileSystem.removeFile(bundlePath(it, item))
  const trial = await readTrialFile(it, Trial)
  if (trial?.digest !== item.digest) return DONE
  const slots = await readSlots(it, signal)
  if (!Array.isArray(slots)) return slots
  const old = slots.find(({ bootName }) => bootName === trial.from)
  const made = slots.find((slot) => slot !== old)
  for (const [mark, slot] of [
    ['mark-bad', made],
    ['mark-active', old],
  ] as const) {
    const ran = slot && (await it.rauc(['status', mark, slot.name], signal))
    if (ran && !ran.ok) return failureOf('os_return_failed', ran)
  }
  await it.fileSystem.removeFile(it.trialPath)
  it.log.warn('os_slot_given_back', { name: item.name, version: item.version, to: trial.from })
  if (old?.isBooted) return DONE
  if (it.osAccess.includes('reboot')) await it.restart()
  else it.log.warn('os_restart_needed', { advice: 'restart the machine' })
  return DONE
}

async function readSlots({ rauc }: Rauc, signal: AbortSignal): Promise<Slot[] | DriverAnswer> {
  const ran = await rauc(['status', '--detailed', '--output-format=json'], signal)
  if (!ran.ok) return { ...failureOf('os_slots_unknown', ran), waitMs: AGAIN_MS }
  const status = Status.safeParse(parseJson(ran.text))
  if (!status.success)
    return refuse('os_slots_unknown', 'the answer of rauc status cannot be read; it must be RAUC 1.11 or newer')
  return status.data.slots.flatMap((each) =>
    Object.entries(each).flatMap(([name, { bootname, state, slot_status: about }]) =>
      bootname
        ? [{ name, bootName: bootname, isBooted: state === 'booted', version: about?.bundle?.version ?? undefined }]
        : [],
    ),
  )
}

function failureOf(code: string, { text, isStopped }: Ran & { ok: false }): DriverAnswer & { ok: false } {
  if (isStopped) return { ok: false, code: 'runner_gone', message: 'the agent ends' }
  const message = text.split('\n').slice(-3).join(' ').slice(0, 500)
  return { ok: false, code, message, ...(PASSING.test(text) && { waitMs: AGAIN_MS }) }
}

const refuse = (code: string, message: string): DriverAnswer => ({ ok: false, code, message })
