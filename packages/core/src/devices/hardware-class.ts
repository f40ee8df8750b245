/**
 * Hardware class: the devices on which a build of a model runs alike, as one word such as `x64-vnni-4c`. Measurements
 * on one device of a class count for all of them.
 */
import type { InstructionSet, Inventory } from '@skerry/contract/devices/device'

/**
 * The class of a device. Undefined if its agent is too old to report its hardware: nothing is known of such a device,
 * so it shares no measurement.
 */
export function hardwareClassOf({ arch, cpuCount, hardware }: Inventory): string | undefined {
  if (!hardware) return undefined
  const level = LEVELS.find((each) => hardware.instructions.includes(each)) ?? 'base'
  return [arch, level, `${coresOf(cpuCount)}c`, ...hardware.accelerators.toSorted()].join('-')
}

/** The fastest first: the first set that a device has names its class. */
const LEVELS: readonly InstructionSet[] = ['amx', 'vnni', 'avx512', 'avx2', 'sve', 'i8mm', 'dotprod', 'neon']

/** Devices with more cores than this run a model of one device on some of them. */
const CORES_MAX = 64

/** The largest power of two that the device has: six cores serve about as four do. */
const coresOf = (count: number) => Math.min(CORES_MAX, 2 ** Math.floor(Math.log2(Math.max(1, count))))
