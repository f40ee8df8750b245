/** Delta plan: for each part of a file in order, whether the device has it already or fetches it. */
import { type ByteRun, joinRuns, RUNS_MAX, runsBytes } from './byte-runs.ts'

/** A part with a place in a seed is copied. The others are fetched. */
export type Part<Place> = ByteRun & { id: string; place?: Place | undefined }

/** The parts that one request serves. The device copies the parts before the first fetched one without a request. */
export type Batch<Place> = { parts: Part<Place>[]; runs: ByteRun[] }

/** A request answers at most so many bytes of the file: a broken line then loses little of the work of the hub. */
const BATCH_BYTES_MAX = 64 * 2 ** 20

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
    batch.runs.push(...joinRuns([...batch.runs.splice(-1), part]))
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
