/** Slot tool: a program that writes one of two systems of a device, and the boot loader that starts one of them. */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Slot, WantedImage } from '@skerry/core/os/slot-step'
import type { DriverAnswer } from '../../driver.ts'
import type { DriverDeps } from '../../runner-driver.ts'
import type { OsSwitch } from '../os-options.ts'
import type { Ran } from '../run-tool.ts'
import type { ReadVersionFile } from '../updater.ts'

export type Refused = Extract<DriverAnswer, { ok: false }>

/** The order of a boot loader about a slot. `active`: it starts next, as it did before. */
export type SlotMark = 'bad' | 'active'

export type SlotWork = { path: string; item: DesiredItem; from: Slot | undefined; to: Slot | undefined }

export type SlotTool = {
  /** The file of a version that the tool installs. */
  mainFile: string
  /** The end of the names of the files that lie ready for the tool. */
  suffix: string
  /** The beginning of the names of the notes. */
  name: string
  /** The words of failures that are no fault of a version. */
  passing: RegExp
  readSlots(signal: AbortSignal): Promise<Slot[] | Refused>
  /** The name of the system inside the version, from its small files. */
  versionOf(item: DesiredItem, read: ReadVersionFile): Promise<string | Refused>
  /** Verifies the file at the path, and gives the marks that a slot with it has. */
  marksOf(
    wanted: { path: string; item: DesiredItem; version: string },
    signal: AbortSignal,
  ): Promise<string[] | Refused>
  /** The boot loader keeps the running slot. */
  markGood(signal: AbortSignal): Promise<Ran>
  mark(mark: SlotMark, slot: Slot, signal: AbortSignal): Promise<Ran>
  /** Writes the slot that does not run, which starts next. */
  install(work: SlotWork, signal: AbortSignal): Promise<Ran>
  /** The slot has the version already: it starts next, on trial. */
  tryOn(slot: Slot, signal: AbortSignal): Promise<Ran>
}

export type SlotDeps = Pick<DriverDeps, 'folder' | 'fileSystem' | 'log'> & {
  osAccess?: readonly OsSwitch[]
  bootId?: () => Promise<string>
  restart?: () => Promise<void>
}

/** A tool with its place on the device. */
export type Slots = Required<SlotDeps> & {
  tool: SlotTool
  trialPath: string
  marksPath: string
  /** The prepared versions, by digest. */
  images: Map<string, WantedImage>
}

export const DONE: DriverAnswer = { ok: true }

/** The service of a tool that starts, or the installation of another program, ends within minutes. */
export const AGAIN_MS = 60_000

/** `passing` matches the words of failures that are no fault of the version. */
export function failureOf(code: string, { text, isStopped }: Ran & { ok: false }, passing?: RegExp): Refused {
  if (isStopped) return { ok: false, code: 'runner_gone', message: 'the agent ends' }
  const message = text.split('\n').slice(-3).join(' ').slice(0, 500)
  return { ok: false, code, message, ...(passing?.test(text) && { waitMs: AGAIN_MS }) }
}

export const refuse = (code: string, message: string): Refused => ({ ok: false, code, message })
