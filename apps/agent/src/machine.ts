/** Machine: the computer, or the cluster, as the parts of the agent see it. */
import { randomUUID } from 'node:crypto'
import type { Capability, Inventory } from '@skerry/contract/devices/device'
import { kinds } from '@skerry/contract/kinds/kinds'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import { createInventory, memoryAvailableBytes, memoryTotalBytes } from './inventory.ts'
import { capableKinds, type Drivers, runtimesOf } from './kinds/drivers.ts'
import type { LineWatch } from './line/line-watch.ts'
import type { Address, AgentOptions } from './options.ts'

/** The runner of this computer serves no model of a cluster. */
export const NOWHERE: { endpoints(): { rest?: Address; grpc?: Address } } = { endpoints: () => ({}) }

/** The parts of the agent's reports that are of the machine. */
export function machineOf(
  { hardwareMask, serveAddress, cluster, clearance, country }: AgentOptions,
  blobs: Pick<BlobFolder, 'freeBytes'>,
  drivers: Drivers,
  { line }: Pick<LineWatch, 'line'>,
) {
  const capable = (): Capability[] => capableKinds(drivers).map((kind) => kinds[kind].capability)
  const machine = createInventory({
    mask: hardwareMask,
    capable: () => [...capable(), ...(cluster ? (['kubernetes'] as const) : [])],
    runtimes: () => runtimesOf(drivers),
    line,
    stated: { ...(clearance !== undefined && { clearance }), ...(country !== undefined && { country }) },
  })
  return {
    refresh: machine.refresh,
    serveAddress,
    bootId: randomUUID(),
    inventory: async (): Promise<Inventory> => machine.describe(await blobs.freeBytes()),
  }
}

/** The memory of a cluster is that of its nodes, and the cluster knows it. */
export const machineMemory = ({ cluster }: AgentOptions) =>
  cluster ? { memoryAvailableBytes: () => Number.POSITIVE_INFINITY } : { memoryAvailableBytes, memoryTotalBytes }
