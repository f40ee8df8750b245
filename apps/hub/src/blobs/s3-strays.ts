/**
 * S3 strays: uploads in parts that a bucket holds and nobody knows of, since the hub that began them was killed before it wrote their id down.
 * Their parts cost room for ever, and no list of objects shows them.
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { IncomingLedger } from '../uploads/incoming-ledger.ts'
import type { S3Bucket } from './s3-bucket.ts'

export type StraySweep = {
  /** Looks where it is time to; gives how many went. */
  sweep(signal: AbortSignal): Promise<number>
}

export type StrayDeps = {
  bucket: S3Bucket
  ledger: Pick<IncomingLedger, 'all'>
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  log: Pick<Log, 'info' | 'warn'>
  /** Where whole blobs come to lie. */
  below: string
}

/** Between the beginning of one and its record lies one call; a day is past any clock that is wrong. */
const STRAY_MS = 86_400_000

/** One list an hour; in that time a bucket does not fill up by crashes. */
const LOOK_MS = 3_600_000

/** Looks first an hour from now: a hub that starts has other things to do. */
export function createStraySweep({ bucket, ledger, clock, log, below }: StrayDeps): StraySweep {
  let dueAtMs = clock.monotonicMs() + LOOK_MS
  return {
    async sweep(signal) {
      if (clock.monotonicMs() < dueAtMs) return 0
      dueAtMs = clock.monotonicMs() + LOOK_MS
      const begun = await bucket.listParts(below, signal)
      if (begun === 'unknown') {
        // Then a lifecycle rule of the bucket takes them.
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
