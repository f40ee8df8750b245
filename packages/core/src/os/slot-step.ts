/**
 * Slot step: the next step towards a version on a device with two slots. The boot loader starts the slot that is active,
 * and returns to the other one by itself if the boot fails.
 */

export type Slot = { name: string; bootName: string; isBooted: boolean; version: string | undefined }

/** The version that the device is about to boot, until it passes its probation. `from`: the slot that ran before. */
export type SlotTrial = { digest: string; from: string; bootId: string }

export type SlotFacts = {
  slots: readonly Slot[]
  wanted: { digest: string; version: string }
  trial: SlotTrial | undefined
  bootId: string
}

/**
 * running: the version runs. install: write it to the other slot. switch: the other slot has it already. restart: the
 * machine has not restarted since. fell-back: the boot loader has returned to the slot from before.
 */
export type SlotStep =
  | { kind: 'running' }
  | { kind: 'install'; from: string }
  | { kind: 'switch'; from: string; to: string }
  | { kind: 'restart' }
  | { kind: 'fell-back'; slot: string }

/** The same facts give the same step, so a kill between two steps repeats one at most. */
export function slotStep({ slots, wanted, trial, bootId }: SlotFacts): SlotStep {
  const booted = slots.find(({ isBooted }) => isBooted)
  const other = slots.find((slot) => slot !== booted)
  const from = booted?.bootName ?? ''
  if (trial?.digest === wanted.digest) {
    if (booted && from !== trial.from && booted.version === wanted.version) return { kind: 'running' }
    return trial.bootId === bootId ? { kind: 'restart' } : { kind: 'fell-back', slot: from }
  }
  if (booted?.version === wanted.version) return { kind: 'running' }
  return other?.version === wanted.version ? { kind: 'switch', from, to: other.name } : { kind: 'install', from }
}
