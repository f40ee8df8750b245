/**
 * Line watch: measures the line to the hub once a minute, by the programs of the system and by the downloads that pass. It
 * sends nothing itself. The newest result is on the disk, because a device downloads rarely, and an agent that starts again
 * should know its line.
 */
import { join } from 'node:path'
import { DeviceLine } from '@skerry/contract/places/device-place'
import {
  type Arrivals,
  bandwidthOf,
  type LossLooks,
  lineOf,
  lossOf,
  type Segments,
  withLook,
  withPiece,
} from '@skerry/core/places/line'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { RunProgram } from '../system/run-program.ts'
import { readMetered, readSegments } from './line-programs.ts'

export type LineWatch = {
  /** The known facts; undefined before there is one. */
  line(): DeviceLine | undefined
  /** A piece of a download has arrived. */
  arrived(bytes: number): void
}

export type LineWatchDeps = {
  fileSystem: FileSystem
  options: { data: string; metered: boolean | undefined }
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  log: Log
  run: RunProgram
  /** The origin of the hub; undefined before the device has joined one. */
  hub(): string | undefined
  /** Downloads are slower than the line, by intent. */
  isSlowed(): boolean
  /** The facts have changed. */
  onChange(): void
}

/** Two programs that answer in milliseconds. A router that changes to its mobile line is noticed within this time. */
const LOOK_MS = 60_000

/** Looks until the signal fires. */
export async function startLineWatch(deps: LineWatchDeps, signal: AbortSignal): Promise<LineWatch> {
  const { options, clock, log, run } = deps
  const path = join(options.data, 'line.json')
  let known: DeviceLine = (await readKept(deps, path)) ?? {}
  let arrivals: Arrivals = { rates: [] }
  let looks: LossLooks = []
  let before: Segments = new Map()
  const look = async () => {
    const metered = options.metered ?? (await readMetered(run))
    const hub = deps.hub()
    const now: Segments = hub === undefined ? new Map() : await readSegments(run, hub).catch(() => new Map())
    looks = withLook(looks, before, now)
    before = now
    const bandwidthMbps = bandwidthOf(arrivals) ?? known.bandwidthMbps
    // The state of metering is never older than a look: yesterday's line may have been another one.
    const next = lineOf({ metered, bandwidthMbps, lossPercent: lossOf(looks) ?? known.lossPercent }) ?? {}
    if (JSON.stringify(next) === JSON.stringify(known)) return
    known = next
    deps.onChange()
    await writeAtomic(deps.fileSystem, path, JSON.stringify(next)).catch((error: unknown) =>
      log.warn('line_not_kept', { error }),
    )
  }
  void (async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => log.warn('line_not_measured', { error }))
      await clock.sleep(LOOK_MS, signal).catch(() => undefined)
    }
  })()
  return {
    line: () => lineOf({ ...NOTHING, ...known }),
    arrived(bytes) {
      if (!deps.isSlowed()) arrivals = withPiece(arrivals, bytes, clock.monotonicMs())
    },
  }
}

const NOTHING = { metered: undefined, bandwidthMbps: undefined, lossPercent: undefined }

/** A damaged file is measured anew. */
async function readKept({ fileSystem }: Pick<LineWatchDeps, 'fileSystem'>, path: string) {
  try {
    const bytes = await readIfPresent(fileSystem, path)
    const kept = bytes && DeviceLine.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    return kept && lineOf({ ...NOTHING, ...kept, metered: undefined })
  } catch {
    return undefined
  }
}
