/** Open models: the files of versions on the disk, and the drivers that run versions from them. */
import { join } from 'node:path'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { Settings } from './jobs/settings.ts'
import { openDrivers } from './kinds/drivers.ts'
import type { AgentOptions } from './options.ts'
import { openBlobIndex } from './reconcile/blob-index.ts'
import type { RunnerSupervisor } from './runner/runner-supervisor.ts'
import { openVersionFiles } from './runner/version-files.ts'
import { openSealing, type SealingDeps } from './sealing/open-sealing.ts'
import type { AgentSeat } from './updates/agent-seat.ts'

type ModelsDeps = Omit<SealingDeps, 'freeBytesMin'> & {
  settings: Settings
  runner: RunnerSupervisor
  signal: AbortSignal
  seat: AgentSeat | undefined
  /** The facts of a driver have changed. */
  wake(): void
}

/** `seal` converts the files into the wanted form on the disk. */
export async function openModels(options: AgentOptions, deps: ModelsDeps) {
  const { blobs, openBeside, run } = await openSealing(options, { ...deps, freeBytesMin: deps.settings.diskFloorBytes })
  // The files for neighbours are opened later, and may be removed to make room.
  let { hasRoomFor } = blobs
  const files = openVersionFiles(join(options.data, 'versions'), {
    ...blobs,
    hasRoomFor: (sizeBytes) => hasRoomFor(sizeBytes),
  })
  const { runner, fileSystem, clock, log, signal, seat, wake } = deps
  const ground = {
    data: options.data,
    engineSocket: options.docker,
    appAccess: options.appAccess,
    os: options.os,
    seat,
    onChange: wake,
  }
  const { cluster } = options
  // Its modules are loaded only for a cluster.
  const instead = cluster && (await import('./kubernetes/cluster-drivers.ts')).clusterDrivers(cluster, deps.conditions)
  const drivers = openDrivers({ ...ground, runner, files, fileSystem, clock, log, signal, instead })
  const index = await openBlobIndex(blobs)
  const takeRoom = (room: Pick<BlobFolder, 'hasRoomFor'>) => {
    ;({ hasRoomFor } = room)
  }
  return { blobs, openBeside, files, drivers, index, takeRoom, seal: (signal: AbortSignal) => run(files.clear, signal) }
}
