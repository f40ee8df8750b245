/**
 * Slot step: the next step towards a version on a device with two slots. The boot loader starts the slot that is active,
 * and returns to the other one by itself if the boot fails.
 */

/** `isGood`: the boot loader may start it. `mark`: names the bytes that were written; undefined if they are not whole. */
export type Slot = {
  name: string
  bootName: string
  isBooted: boolean
  isGood: boolean
  version: string | undefined
  mark: string | undefined
}

/** A version number says nothing about the bytes, so a slot has the version only if its mark is one of these. */
export type WantedImage = { version: string; marks: readonly string[] }

/**
 * The version that the device is about to boot, until it passes its probation. `from`: the slot that ran before.
 * `isWritten` is false while the slot is being written. Absent, it counts as true. `leftIn`: the
 * boot in which the version was given up, and in which it still runs.
 */
export type SlotTrial = {
  digest: string
  from: string
  bootId: string
  isWritten?: boolean | undefined
  leftIn?: string | undefined
}

export type SlotFacts = {
  slots: readonly Slot[]
  wanted: WantedImage & { digest: string }
  trial: SlotTrial | undefined
  bootId: string
}

/**
 * running: the version runs. install: write it to the other slot. switch: the other slot has it already. restart: the
 * machine has not restarted since. fell-back: the boot loader has returned to the slot from before. return: a version on
 * trial must leave first, because the slot that does not run is the only proven one.
 */
export type SlotStep =
  | { kind: 'running' }
  | { kind: 'install'; from: string }
  | { kind: 'switch'; from: string; to: string }
  | { kind: 'restart' }
  | { kind: 'fell-back'; slot: string }
  | { kind: 'return' }

export const hasImage = ({ version, mark }: Slot, wanted: WantedImage): boolean =>
  version === wanted.version && mark !== undefined && wanted.marks.includes(mark)

/** The same facts give the same step, so a kill between two steps repeats one at most. */
export function slotStep({ slots, wanted, trial, bootId }: SlotFacts): SlotStep {
  if (trial && (trial.digest !== wanted.digest || trial.leftIn !== undefined)) return { kind: 'return' }
  const booted = slots.find(({ isBooted }) => isBooted)
  const other = slots.find((slot) => slot !== booted)
  const from = booted?.bootName ?? ''
  // Also if the power was cut after the slot was written, and before that was noted.
  if (booted && from !== trial?.from && hasImage(booted, wanted)) return { kind: 'running' }
  if (trial && trial.isWritten !== false) {
    return trial.bootId === bootId ? { kind: 'restart' } : { kind: 'fell-back', slot: from }
  }
  return other?.isGood && hasImage(other, wanted) ? { kind: 'switch', from, to: other.name } : { kind: 'install', from }
}
