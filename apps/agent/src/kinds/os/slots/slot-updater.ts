/**
 * Slot updater: installs images into the slot that does not run, and restarts the machine into it. The tool verifies the
 * signature of an image with a certificate of the device. The slot is marked good only after the probation. So a system
 * that does not start, or starts without a working agent, is left by the boot loader.
 */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { hasImage, type Slot, type SlotStep, slotStep } from '@skerry/core/os/slot-step'
import { readBootId } from '../../../updates/update-locks.ts'
import type { DriverAnswer } from '../../driver.ts'
import { type Ran, restartMachine } from '../run-tool.ts'
import type { Updater } from '../updater.ts'
import { imagePath, layImage, sweepImages, type Wish } from './laid-image.ts'
import { AGAIN_MS, DONE, failureOf, refuse, type SlotDeps, type Slots, type SlotTool } from './slot-tool.ts'
import { hasTrialNote, readMarks, readTrial, type Trial, writeMarks, writeTrial } from './trial-notes.ts'

export function openSlotUpdater(tool: SlotTool, deps: SlotDeps): Updater {
  const it: Slots = {
    ...deps,
    tool,
    osAccess: deps.osAccess ?? [],
    bootId: deps.bootId ?? (() => readBootId(deps.fileSystem)),
    restart: deps.restart ?? restartMachine,
    trialPath: join(deps.folder, `${tool.name}-trial.json`),
    marksPath: join(deps.folder, `${tool.name}-marks.json`),
    images: new Map(),
  }
  return {
    mainFile: tool.mainFile,
    start: (signal) => markStarted(it, signal),
    async onTrial() {
      const trial = await readTrial(it)
      return trial?.leftIn === undefined ? trial?.digest : undefined
    },
    async restartedTrial() {
      const trial = await readTrial(it)
      const isRestarted = trial && trial.isWritten !== false && trial.leftIn === undefined
      return isRestarted && trial.bootId !== (await it.bootId()) ? trial.digest : undefined
    },
    prepare: (item, read, signal) => prepare(it, { item, read }, signal),
    install: (item, signal) => install(it, item, signal),
    settle: (item, signal) => settle(it, item, signal),
    giveBack: (item, signal) => giveBack(it, item, signal),
  }
}

/**
 * A boot loader that counts boots needs the mark after each one, also without a version of the hub. A system on trial is
 * marked at the end of its probation instead. A note that cannot be read may be that of a system on trial.
 */
async function markStarted(it: Slots, signal: AbortSignal): Promise<DriverAnswer> {
  if (await hasTrialNote(it)) return DONE
  const marked = await it.tool.markGood(signal)
  return marked.ok ? DONE : failureOf('os_slot_not_marked', marked, it.tool.passing)
}

/** Lays the image down for the tool, unless a slot has it already, and compares it with the facts of its maker. */
async function prepare(it: Slots, { item, read }: Wish, signal: AbortSignal): Promise<DriverAnswer> {
  const { tool } = it
  const version = await tool.versionOf(item, read)
  if (typeof version !== 'string') return version
  const slots = await it.tool.readSlots(signal)
  if (!Array.isArray(slots)) return slots
  await noteSeen(it, item)
  await sweepImages(it, item)
  const isHere = (marks: readonly string[]) =>
    slots.some((slot) => (slot.isBooted || slot.isGood) && hasImage(slot, { version, marks }))
  const known = await readMarks(it, item.digest)
  if (isHere(known)) {
    it.images.set(item.digest, { version, marks: known })
    return DONE
  }
  const refused = await layImage(it, { item, read }, signal)
  if (refused) return refused
  const marks = await tool.marksOf({ path: imagePath(it, item), item, version }, signal)
  if (!Array.isArray(marks)) return marks
  await writeMarks(it, item.digest, marks)
  // Without notes of an earlier agent, only the image says that a slot has it.
  if (isHere(marks)) await it.fileSystem.removeFile(imagePath(it, item))
  it.images.set(item.digest, { version, marks })
  return DONE
}

/** An agent runs: from here on the probation judges the new system. */
async function noteSeen(it: Slots, { digest }: DesiredItem): Promise<void> {
  const trial = await readTrial(it)
  if (trial?.digest !== digest) return
  const bootId = await it.bootId()
  if (bootId !== trial.bootId && bootId !== trial.seenIn) await writeTrial(it, { ...trial, seenIn: bootId })
}

async function install(it: Slots, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  const image = it.images.get(item.digest)
  if (!image) return refuse('runner_gone', 'the image is not prepared any more')
  const slots = await it.tool.readSlots(signal)
  if (!Array.isArray(slots)) return slots
  const bootId = await it.bootId()
  const trial = await readTrial(it)
  const step = slotStep({ slots, wanted: { digest: item.digest, ...image }, trial, bootId })
  switch (step.kind) {
    case 'running':
      return DONE
    case 'fell-back':
      await markFallen(it, slots, signal)
      await it.fileSystem.removeFile(it.trialPath)
      return refuse('os_boot_failed', `the boot loader returned to slot ${step.slot}: the new system did not start`)
    case 'restart':
      return restartInto(it)
    case 'return': {
      const back = trial ? await leaveTrial(it, trial, signal) : STAYED
      // It is no fault of the version that waits for the way back.
      if (!back.ok) return { waitMs: AGAIN_MS, ...back }
      return back.isBooted ? install(it, item, signal) : restartInto(it)
    }
    case 'install':
    case 'switch':
      return write(it, { item, slots, step, bootId }, signal)
  }
}

/** The boot loader has used up the starts of the new slot, and some of the other one. */
async function markFallen(it: Slots, slots: readonly Slot[], signal: AbortSignal): Promise<void> {
  const fallen = slots.find(({ isBooted }) => !isBooted)
  if (fallen) logUnmarked(it, await it.tool.mark('bad', fallen, signal))
  logUnmarked(it, await it.tool.markGood(signal))
}

function logUnmarked({ log }: Slots, ran: Ran): void {
  if (!ran.ok) log.error('os_slot_not_marked', { message: ran.text.slice(-500) })
}

type Writing = {
  item: DesiredItem
  slots: readonly Slot[]
  step: Extract<SlotStep, { kind: 'install' | 'switch' }>
  bootId: string
}

/** The trial is noted first: the power may be cut after the tool has made the slot the next one to boot. */
async function write(it: Slots, { item, slots, step, bootId }: Writing, signal: AbortSignal): Promise<DriverAnswer> {
  const trial: Trial = { digest: item.digest, from: step.from, bootId, isWritten: false }
  await writeTrial(it, trial)
  const from = slots.find(({ isBooted }) => isBooted)
  const to = slots.find((slot) => slot !== from)
  const work = { path: imagePath(it, item), item, from, to }
  const ran = step.kind === 'switch' && to ? await it.tool.tryOn(to, signal) : await it.tool.install(work, signal)
  if (!ran.ok) return failureOf('os_install_failed', ran, it.tool.passing)
  it.log.info('os_slot_written', { name: item.name, version: item.version, from: step.from, how: step.kind })
  await writeTrial(it, { ...trial, isWritten: true })
  return restartInto(it)
}

/** The loop asks again until the machine has restarted. */
async function restartInto(it: Slots): Promise<DriverAnswer> {
  if (!it.osAccess.includes('reboot')) {
    const message = 'the new system is installed; restart the machine, or start the agent with reboot in --allow-os'
    return { ok: false, code: 'os_restart_waits', message, waitMs: AGAIN_MS }
  }
  it.log.warn('os_restarts', {})
  await it.restart()
  return { ok: false, code: 'os_restart_waits', message: 'the machine restarts', waitMs: AGAIN_MS }
}

async function settle(it: Slots, item: DesiredItem, signal: AbortSignal): Promise<void> {
  const trial = await readTrial(it)
  const isOnTrial = trial?.digest === item.digest
  if (isOnTrial || (await isRunning(it, item, signal))) logUnmarked(it, await it.tool.markGood(signal))
  if (isOnTrial) await it.fileSystem.removeFile(it.trialPath)
  await it.fileSystem.removeFile(imagePath(it, item))
}

/**
 * [RAUC, "Marking the Slot as Good"] A boot loader that counts boots needs the mark after each one, and a mark at the end
 * of the probation can fail.
 */
async function isRunning({ images, tool }: Slots, { digest }: DesiredItem, signal: AbortSignal): Promise<boolean> {
  const image = images.get(digest)
  if (!image) return false
  const slots = await tool.readSlots(signal)
  return Array.isArray(slots) && slots.some((slot) => slot.isBooted && hasImage(slot, image))
}

async function giveBack(it: Slots, item: DesiredItem, signal: AbortSignal): Promise<DriverAnswer> {
  await it.fileSystem.removeFile(imagePath(it, item))
  const trial = await readTrial(it)
  if (trial?.digest !== item.digest) return DONE
  const back = await leaveTrial(it, trial, signal)
  if (!back.ok || back.isBooted) return back
  if (it.osAccess.includes('reboot')) await it.restart()
  else it.log.warn('os_restart_needed', { advice: 'restart the machine' })
  return DONE
}

const STAYED = { ok: true, isBooted: true } as const

/**
 * Marks the slot of the version bad, and makes the slot from before the next one to boot. `isBooted`: it runs already. Else
 * the trial ends with the restart, so that nothing writes the slot from before until then.
 */
async function leaveTrial(it: Slots, trial: Trial, signal: AbortSignal) {
  const { from, leftIn } = trial
  const bootId = await it.bootId()
  const slots = await it.tool.readSlots(signal)
  if (!Array.isArray(slots)) return slots
  const old = slots.find(({ bootName }) => bootName === from)
  // The machine restarted, and not into the slot from before: that slot is no way back.
  if (leftIn !== undefined && leftIn !== bootId && !old?.isBooted) {
    await it.fileSystem.removeFile(it.trialPath)
    return STAYED
  }
  const made = slots.find((slot) => slot !== old)
  for (const [mark, slot] of [
    ['bad', made],
    ['active', old],
  ] as const) {
    const ran = slot && (await it.tool.mark(mark, slot, signal))
    if (ran && !ran.ok) return failureOf('os_return_failed', ran, it.tool.passing)
  }
  it.log.warn('os_slot_given_back', { digest: trial.digest, to: from })
  if (old && !old.isBooted) {
    await writeTrial(it, { ...trial, leftIn: bootId })
    return { ok: true, isBooted: false } as const
  }
  await it.fileSystem.removeFile(it.trialPath)
  return STAYED
}
