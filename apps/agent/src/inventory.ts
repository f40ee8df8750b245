/** Inventory: what this machine is, as it tells the hub. */
import { arch, availableParallelism, cpus, hostname, platform, release, totalmem } from 'node:os'
import type { Inventory } from '@skerry/contract/devices/device'
import { kinds, VersionKind } from '@skerry/contract/kinds/kinds'

/** Highest opset of the default ONNX domain that onnxruntime 1.30 loads without calling it unsupported. */
const OPSET_MAX = 26

export type Machine = {
  describe(diskFreeBytes: number): Inventory
  /** Looks anew: a name, memory or processors may have changed under a running agent. */
  refresh(): void
}

/** What rarely changes while the agent runs is asked once: reading the processors' names takes milliseconds. */
export function createInventory(): Machine {
  let fixed = lookAtMachine()
  return {
    describe: (diskFreeBytes) => ({ ...fixed, diskFreeBytes }),
    refresh() {
      fixed = lookAtMachine()
    },
  }
}

function lookAtMachine(): Omit<Inventory, 'diskFreeBytes'> {
  return {
    hostname: hostname().slice(0, 253) || 'unknown',
    arch: arch(),
    os: `${platform()} ${release()}`.slice(0, 64),
    cpuModel: (cpus()[0]?.model ?? 'unknown').trim().slice(0, 128),
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
    capabilities: VersionKind.options.map((kind) => kinds[kind].capability),
    opsetMax: OPSET_MAX,
  }
}

/** All that this process could ever have: a container's limit, where there is one. */
export function memoryTotalBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Memory that a new process could take, within the limits of our container if there is one. */
export const memoryAvailableBytes = (): number => process.availableMemory()
