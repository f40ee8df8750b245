/**
 * Download meter: counts the bytes of files that arrive, and keeps them within the limits of the device's places. The
 * count of the day is on the disk, always ahead of the bytes: a kill gives no further ones.
 */
import { join } from 'node:path'
import {
  budgetVerdict,
  type DownloadLimits,
  type FetchedDay,
  fetchedToday,
  rateAt,
} from '@skerry/core/settings/download-limits'
import { readIfPresent, writeAtomic } from '@skerry/platform/files/atomic-file'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'

export type DownloadMeter = {
  /** Throws `BudgetSpent` if nothing more may be fetched today. */
  check(): Promise<void>
  /**
   * These bytes have arrived. Waits as long as the rate says, and throws `BudgetSpent` when the budget is spent. It
   * never throws at the last bytes of a file, because the file is complete then.
   */
  take(bytes: number, signal: AbortSignal, isLast?: boolean): Promise<void>
}

export type DownloadMeterDeps = {
  fileSystem: FileSystem
  /** The data folder. */
  options: { data: string }
  clock: Clock
  log: Log
  settings: { downloadLimits(): DownloadLimits }
}

/** Not an error of the network: the bytes are kept, and the transfer continues on the next day. */
export class BudgetSpent extends Error {
  readonly waitMs: number

  constructor(message: string, waitMs: number) {
    super(message)
    this.name = 'BudgetSpent'
    this.waitMs = waitMs
  }
}

/** The count on the disk is so far ahead, so that a download writes it once for each megabyte. */
const AHEAD_BYTES = 1_000_000

const Kept = z.strictObject({ day: z.int(), bytes: z.int().min(0) })

/** Opens the count that is on the disk. Without limits it writes nothing. */
export function createDownloadMeter({ fileSystem, options, clock, log, settings }: DownloadMeterDeps): DownloadMeter {
  const path = join(options.data, 'fetched-today.json')
  let known: FetchedDay | undefined
  let kept: FetchedDay | undefined
  /** By the monotonic clock: the time at which the bytes so far are within the rate. */
  let freeAtMs = 0
  const now = async (): Promise<FetchedDay> => {
    known ??= await readKept(fileSystem, path)
    known = fetchedToday(known, clock.nowMs())
    return known
  }
  const verdict = async () => {
    const today = await now()
    const spent = budgetVerdict(settings.downloadLimits(), today, clock.nowMs())
    if (spent.isSpent) throw new BudgetSpent(spent.message, spent.waitMs)
  }
  const keepAhead = async (today: FetchedDay) => {
    if (settings.downloadLimits().mbPerDay === undefined) return
    if (kept !== undefined && kept.day === today.day && kept.bytes >= today.bytes) return
    const ahead = { day: today.day, bytes: today.bytes + AHEAD_BYTES }
    try {
      await writeAtomic(fileSystem, path, JSON.stringify(ahead))
      kept = ahead
    } catch (error) {
      // A full disk stops the download itself.
      log.warn('download_count_not_kept', { error })
    }
  }
  return {
    check: verdict,
    async take(bytes, signal, isLast = false) {
      const today = await now()
      known = { ...today, bytes: today.bytes + bytes }
      await keepAhead(known)
      const rate = rateAt(settings.downloadLimits(), clock.nowMs())
      const nowMs = clock.monotonicMs()
      freeAtMs = rate === undefined ? nowMs : Math.max(nowMs, freeAtMs) + (bytes / rate) * 1_000
      if (freeAtMs > nowMs) await clock.sleep(freeAtMs - nowMs, signal)
      if (!isLast) await verdict()
    },
  }
}

/** A damaged count begins anew: the budget is a limit on costs, not on safety. */
async function readKept(fileSystem: FileSystem, path: string): Promise<FetchedDay | undefined> {
  try {
    const bytes = await readIfPresent(fileSystem, path)
    return bytes && Kept.parse(JSON.parse(Buffer.from(bytes).toString()))
  } catch {
    return undefined
  }
}
