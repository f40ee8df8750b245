/** Inventory: the description of this machine for the hub. */
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os'
import type { Capability, DeviceRuntime, InstructionSet, Inventory } from '@skerry/contract/devices/device'
import type { DeviceLine, StatedPlace } from '@skerry/contract/places/device-place'
import { lookAtHardware } from './hardware.ts'

/** The highest opset of the default ONNX domain that onnxruntime 1.30 loads without the warning `unsupported`. */
const OPSET_MAX = 26

export type Machine = {
  describe(diskFreeBytes: number): Inventory
  /** Reads again: a name, memory or processors may change while the agent runs. */
  refresh(): void
}

export type InventoryParts = {
  /** Instruction sets that are not reported. */
  mask: readonly InstructionSet[]
  capable(): readonly Capability[]
  /** The apps that load the files of hosted models. */
  runtimes?(): readonly DeviceRuntime[]
  /** The line to the hub, as far as it is known. */
  line(): DeviceLine | undefined
  /** The operator's statements. */
  stated?: StatedPlace
}

/**
 * Rarely changing facts are read once: the names of the processors take milliseconds. `capable` gives the
 * capabilities that the machine has now.
 */
export function createInventory({ mask, capable, runtimes = () => [], line, stated = {} }: InventoryParts): Machine {
  let fixed = lookAtMachine(mask)
  return {
    describe: (diskFreeBytes) => ({
      ...fixed,
      capabilities: [...capable()],
      diskFreeBytes,
      ...(runtimes().length > 0 && { runtimes: [...runtimes()] }),
      ...(line() && { line: line() }),
      ...(Object.keys(stated).length > 0 && { stated }),
    }),
    refresh() {
      fixed = lookAtMachine(mask)
    },
  }
}

function lookAtMachine(mask: readonly InstructionSet[]): Omit<Inventory, 'diskFreeBytes' | 'capabilities'> {
  return {
    hostname: hostname().slice(0, 253) || 'unknown',
    arch: arch(),
    os: `${platform()} ${release()}`.slice(0, 64),
    cpuModel: (cpus()[0]?.model ?? 'unknown').trim().slice(0, 128),
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
    opsetMax: OPSET_MAX,
    hardware: lookAtHardware(mask),
  }
}

/** The most memory that this process could get: a container's limit, if there is one. */
export function memoryTotalBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Memory that a new process could get, within the limit of our container if there is one. */
export const memoryAvailableBytes = (): number => process.availableMemory()
