/** Delta plan: for each part of a file in order, whether the device has it already or fetches it. */
import { DIFFERENCES_BYTES_MAX } from '@skerry/contract/chunks/differences'
import { type ByteRun, joinReferredRuns, type ReferredRun, RUNS_MAX, runsBytes } from './byte-runs.ts'

/**
 * A part with a place in a seed is copied. The others are fetched; `from` is the position of bytes in the reference
 * that probably resemble the part (reference-places.ts).
 */
export type Part<Place> = ByteRun & { id: string; place?: Place | undefined; from?: number }

/** The parts that one request serves. The device copies the parts before the first fetched one without a request. */
export type Batch<Place> = { parts: Part<Place>[]; runs: ReferredRun[] }

/** A request answers at most so many bytes of the file: a broken line then loses little of the work of the hub. */
const BATCH_BYTES_MAX = DIFFERENCES_BYTES_MAX

/** Splits the parts into batches, each of one request at most. */
export function batchesOf<Place>(parts: readonly Part<Place>[]): Batch<Place>[] {
  const batches: Batch<Place>[] = []
  let batch: Batch<Place> = { parts: [], runs: [] }
  let bytes = 0
  for (const part of parts) {
    const isFull = batch.runs.length === RUNS_MAX || bytes + part.length > BATCH_BYTES_MAX
    if (!part.place && isFull) {
      batches.push(batch)
      batch = { parts: [], runs: [] }
      bytes = 0
    }
    batch.parts.push(part)
    if (part.place) continue
    const { start, length, from = start } = part
    batch.runs.push(...joinReferredRuns([...batch.runs.splice(-1), { start, length, from }]))
    bytes += part.length
  }
  if (batch.parts.length > 0) batches.push(batch)
  return batches
}

/** The bytes to fetch. */
export const fetchedBytes = (parts: readonly Part<unknown>[]): number =>
  runsBytes(parts.filter(({ place }) => place === undefined))

/** A delta that saves less than a fifth is not worth its requests. */
const SAVED_MIN = 0.2

export const isWorthwhile = (fetched: number, remaining: number): boolean => fetched <= remaining * (1 - SAVED_MIN)
