/** Ranges source: the inputs from which an optimisation takes its ranges, as a person chooses them. */
import type { OptimisationRequest } from '@skerry/contract/builds/build'
import type { Digest } from '@skerry/contract/values/digest'
import { BatchId } from '@skerry/contract/values/ids'
import { assertNever } from '@skerry/core/values/assert-never'

/** A file whose rows the hub holds as a blob. */
export type DataSet = { digest: Digest; name: string; rows: number }

export type RangesSource =
  | { kind: 'golden' }
  | { kind: 'devices'; batch: BatchId }
  /** Without a data set until a person has chosen a file, and the hub has it. */
  | { kind: 'data-set'; dataSet?: DataSet }

/** The source of an address. */
export function sourceOf(ranges: string | undefined): RangesSource {
  const batch = BatchId.safeParse(ranges)
  return batch.success ? { kind: 'devices', batch: batch.data } : { kind: 'golden' }
}

export type RangesRequest = Pick<OptimisationRequest, 'calibration' | 'calibrationBatch'>

/** The part of a request; undefined if no file is chosen yet. */
export function rangesRequest(source: RangesSource): RangesRequest | undefined {
  switch (source.kind) {
    case 'golden':
      return {}
    case 'devices':
      return { calibrationBatch: source.batch }
    case 'data-set':
      return source.dataSet && { calibration: source.dataSet.digest }
    default:
      return assertNever(source)
  }
}
