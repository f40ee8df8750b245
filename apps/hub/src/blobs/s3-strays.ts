/**
 * S3 strays: multipart uploads in a bucket that no record knows, because the hub that began them was killed before it
 * stored their id. Their parts use space for ever, and no list of objects shows them.
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { IncomingLedger } from '../uploads/incoming-ledger.ts'
import type { S3Bucket } from './s3-bucket.ts'

export type StraySweep = {
  /** Sweeps if it is due; returns the number of removed uploads. */
  sweep(signal: AbortSignal): Promise<number>
}

export type StrayDeps = {
  bucket: S3Bucket
  ledger: Pick<IncomingLedger, 'all'>
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  log: Pick<Log, 'info' | 'warn'>
  /** Prefix of the keys of whole blobs. */
  below: string
}

/** One call lies between the start of an upload and its record. A day is more than any error of a clock. */
const STRAY_MS = 86_400_000

/** One list an hour: in that time, crashes do not fill a bucket. */
const LOOK_MS = 3_600_000

/** The first sweep comes an hour after the start, because a starting hub has other work. */
export function createStraySweep({ bucket, ledger, clock, log, below }: StrayDeps): StraySweep {
  let dueAtMs = clock.monotonicMs() + LOOK_MS
  return {
    async sweep(signal) {
      if (clock.monotonicMs() < dueAtMs) return 0
      dueAtMs = clock.monotonicMs() + LOOK_MS
      const begun = await bucket.listParts(below, signal)
      if (begun === 'unknown') {
        // Then a lifecycle rule of the bucket removes them.
        dueAtMs = Number.POSITIVE_INFINITY
        log.warn('stray_parts_unseen', {
          advice: 'set a rule in the bucket that ends incomplete uploads after two days',
        })
        return 0
      }
      const known = new Set((await ledger.all()).map((row) => row.store_upload_id))
      const strays = begun.filter((one) => !known.has(one.uploadId) && one.begunAtMs < clock.nowMs() - STRAY_MS)
      for (const { key, uploadId } of strays) await bucket.dropParts(key, uploadId, signal)
      if (strays.length > 0) log.info('stray_parts_dropped', { count: strays.length })
      return strays.length
    },
  }
}
