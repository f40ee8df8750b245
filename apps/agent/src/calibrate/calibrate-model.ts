/**
 * Calibrate: computes the ranges of a model's tensors on this device, from rows that the device captured. The ranges
 * are the answer; the rows stay here. The model runs in a process of its own with a low priority.
 */
import { type CalibrateCommand, DEVICE_ROWS_MIN, type RangesReport } from '@skerry/contract/builds/device-ranges'
import { boundOf } from '@skerry/core/builds/device-ranges'
import type { BuildCode, ObserveResult } from '@skerry/inference/optimise/build-model'
import { observeModel } from '@skerry/inference/optimise/build-model'
import { hasNoRoom } from '@skerry/platform/files/file-system'
import { type FetchDeps, fetchCandidates } from '../bench/fetch-candidates.ts'
import { JobProblem } from '../jobs/job-problem.ts'
import type { VersionFiles } from '../runner/version-files.ts'
import { AGENT_VERSION } from '../version.ts'
import { type CapturedRows, type ReadRows, readCapturedRows } from './captured-rows.ts'

export type CalibrateDeps = FetchDeps & {
  /** Folders of their own: the runner removes those of versions that it does not have. */
  files: Pick<VersionFiles, 'withModel'>
  captures: CapturedRows
  memoryAvailableBytes(): number
  /** Why nothing of the name may run here without a signature of its own; undefined if it may. */
  distrust(name: string): string | undefined
  /** Removes the folders, and the fetched files that no record of the device names. */
  clear(): Promise<void>
}

/** A job has ten minutes on a device. The others are for the transfer of files. */
const TIME_MS_MAX = 300_000

/** Models that serve get the other half. */
const MEMORY_SHARE = 0.5

/** Throws a JobProblem if the device has too few rows, or the model cannot run on them. */
export async function calibrateModel(
  deps: CalibrateDeps,
  command: CalibrateCommand,
  signal: AbortSignal,
): Promise<RangesReport> {
  const reason = deps.distrust(command.name)
  if (reason !== undefined) throw new JobProblem({ code: 'signature_policy', message: reason })
  const rows = await readCapturedRows(deps.captures, command, signal)
  if (rows.cases.length < DEVICE_ROWS_MIN)
    throw new JobProblem({ code: 'calibration_rows_missing', message: tooFew(rows) })
  try {
    await fetchCandidates(deps, [command], signal)
    const limits = { timeMs: TIME_MS_MAX, memoryBytes: deps.memoryAvailableBytes() * MEMORY_SHARE }
    const observed = await deps.files.withModel(command, (source) =>
      observeModel({ source, cases: rows.cases }, limits, signal),
    )
    if (!observed.ok)
      throw new JobProblem({ code: CODES[observed.code], message: observed.message.slice(0, MESSAGE_MAX) })
    return reportOf(rows, observed)
  } catch (error) {
    const isFull = hasNoRoom(error) || (error instanceof Error && hasNoRoom(error.cause))
    throw isFull ? new JobProblem({ code: 'storage_full', message: NO_ROOM }) : error
  } finally {
    await deps.clear()
  }
}

const NO_ROOM = 'the disk of the device is full; make room, then retry'

/** [contract, Cause.message] */
const MESSAGE_MAX = 1_000

function tooFew({ cases, leftOut, reason }: ReadRows): string {
  const others = leftOut === 0 ? '' : ` (${leftOut} more do not fit; the newest: ${reason})`
  return `the device has ${cases.length} captured rows of the model, and ranges need ${DEVICE_ROWS_MIN}${others}; capture its inputs for a while`.slice(
    0,
    MESSAGE_MAX,
  )
}

const CODES: Readonly<Record<BuildCode, string>> = {
  build_refused: 'calibration_refused',
  build_timeout: 'calibration_failed',
  build_disk_full: 'storage_full',
  build_memory_exceeded: 'calibration_failed',
  build_crashed: 'calibration_failed',
}

function reportOf({ cases, leftOut }: ReadRows, { ranges }: Extract<ObserveResult, { ok: true }>): RangesReport {
  const entries = [...ranges].map(([name, { minmax, percentile, entropy }]) => {
    const bounds = [minmax, percentile, entropy].map(({ min, max }): [number, number] => [boundOf(min), boundOf(max)])
    return [name, bounds as RangesReport['ranges'][string]] as const
  })
  return { agent: AGENT_VERSION, rows: cases.length, leftOut, ranges: Object.fromEntries(entries) }
}
