/**
 * Open bench: the parts of a device that a measurement or a calibration needs. Most of their code is loaded only when a
 * device does one.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { unmetRule } from '@skerry/core/models/trust-rules'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Trust } from '@skerry/platform/signatures/version-signatures'
import type { CapturedRows } from '../calibrate/captured-rows.ts'
import { memoryAvailableBytes } from '../inventory.ts'
import type { JobDoors } from '../jobs/job-kinds.ts'
import type { ReportSources } from '../link/report.ts'
import type { BlobIndex } from '../reconcile/blob-index.ts'
import type { RunnerSupervisor } from '../runner/runner-supervisor.ts'
import { openVersionFiles } from '../runner/version-files.ts'
import type { ModelBlobs } from '../sealing/model-blobs.ts'
import type { BenchDeps } from './bench-model.ts'
import { namedItems, openFetchedFiles } from './fetched-files.ts'

export type BenchParts = Pick<BenchDeps, 'download' | 'locks'> & {
  captures: CapturedRows
  hardwareMask: readonly string[]
  data: string
  fileSystem: FileSystem
  clock: Clock
  log: Pick<Log, 'warn'>
  sources: Pick<ReportSources, 'store' | 'inventory'>
  runner: Pick<RunnerSupervisor, 'loaded'>
  blobs: ModelBlobs
  index: Pick<BlobIndex, 'remove' | 'removePart'>
  trust(): Trust
}

/** Removes first what a job left behind that ended with its agent. The desk does one job at a time. */
export function openBench(parts: BenchParts): Pick<JobDoors, 'bench' | 'calibrate'> {
  const { data, clock, sources, runner, blobs, trust, log, hardwareMask } = parts
  const path = join(data, 'bench')
  const named = () => namedItems(sources.store.document()?.items ?? [], sources.store.lives())
  const fetched = openFetchedFiles({ ...parts, path, has: blobs.has, named })
  const clear = () => fetched.clear().catch((error: unknown) => log.warn('bench_files_not_removed', { error }))
  const files = openVersionFiles(path, blobs)
  const cleared = clear()
  const shared = {
    ...parts,
    files,
    memoryAvailableBytes,
    distrust: (name: string) => distrustOf(trust(), name),
    note: fetched.note,
    clear,
  }
  const deps: BenchDeps = {
    ...shared,
    clock,
    cores: availableParallelism,
    isMasked: hardwareMask.length > 0,
    loaded: runner.loaded,
    items: () => sources.store.document()?.items ?? [],
    hardwareClass: async () => hardwareClassOf(await sources.inventory()),
  }
  return {
    async bench(command, signal) {
      const { benchModel } = await import('./bench-model.ts')
      await cleared
      return benchModel(deps, command, signal)
    },
    async calibrate(command, signal) {
      const { calibrateModel } = await import('../calibrate/calibrate-model.ts')
      await cleared
      return calibrateModel(shared, command, signal)
    },
  }
}

/** The hub signs the command. Its signature is all that a build has. */
function distrustOf({ document }: Trust, name: string): string | undefined {
  if (!document) return undefined
  const hubs = document.keys.filter(({ kind, state }) => kind === 'hub' && state !== 'revoked')
  return unmetRule(document.rules, name, new Set(hubs.map(({ keyId }) => keyId)))
}
