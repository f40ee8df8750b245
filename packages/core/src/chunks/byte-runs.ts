/** Byte runs: lists of ranges of a file, in rising order, and their short form on the wire. */

import { DIFFERENCES_BYTES_MAX } from '@skerry/contract/chunks/differences'

/** Bytes [start, start + length). */
export type ByteRun = { start: number; length: number }

/** `from` is the position in an old file of as many bytes that probably resemble the run. */
export type ReferredRun = ByteRun & { from: number }

/** One request names at most so many. A run takes some four bytes, so that a request stays below 8 KiB. */
export const RUNS_MAX = 1_024

/** Joins the runs that touch each other. */
export function joinRuns(runs: readonly ByteRun[]): ByteRun[] {
  const joined: ByteRun[] = []
  for (const { start, length } of runs) {
    const last = joined.at(-1)
    if (last && last.start + last.length === start) last.length += length
    else joined.push({ start, length })
  }
  return joined
}

/** Joins the runs that touch each other in both files. */
export function joinReferredRuns(runs: readonly ReferredRun[]): ReferredRun[] {
  const joined: ReferredRun[] = []
  for (const { start, length, from } of runs) {
    const last = joined.at(-1)
    const isNext = last && last.start + last.length === start && last.from + last.length === from
    if (isNext) last.length += length
    else joined.push({ start, length, from })
  }
  return joined
}

export const runsBytes = (runs: readonly ByteRun[]): number => runs.reduce((sum, { length }) => sum + length, 0)

/** Gap and length of each run, as unsigned LEB128. */
export function encodeRuns(runs: readonly ByteRun[]): Uint8Array {
  const bytes: number[] = []
  let end = 0
  for (const { start, length } of runs) {
    pushNumber(bytes, start - end)
    pushNumber(bytes, length)
    end = start + length
  }
  return Uint8Array.from(bytes)
}

/** Undefined if the bytes are no such list, or if a run does not lie in a file of that size. */
export function decodeRuns(bytes: Uint8Array, sizeBytes: number): ByteRun[] | undefined {
  const runs: ByteRun[] = []
  const cursor = { bytes, at: 0 }
  let end = 0
  while (cursor.at < bytes.length) {
    const gap = readNumber(cursor)
    const length = readNumber(cursor)
    if (gap === undefined || length === undefined || length === 0) return undefined
    const start = end + gap
    end = start + length
    if (end > sizeBytes || runs.length === RUNS_MAX) return undefined
    runs.push({ start, length })
  }
  return runs
}

/** Gap, length and change of the shift between the files, as unsigned LEB128. A change below zero has an odd number. */
export function encodeReferredRuns(runs: readonly ReferredRun[]): Uint8Array {
  const bytes: number[] = []
  let end = 0
  let shift = 0
  for (const { start, length, from } of runs) {
    const change = from - start - shift
    pushNumber(bytes, start - end)
    pushNumber(bytes, length)
    pushNumber(bytes, change < 0 ? -2 * change - 1 : 2 * change)
    end = start + length
    shift += change
  }
  return Uint8Array.from(bytes)
}

type Sizes = { sizeBytes: number; oldSizeBytes: number }

/** Undefined if the bytes are no such list, if a run does not lie in its file, or if the runs are too long together. */
export function decodeReferredRuns(bytes: Uint8Array, { sizeBytes, oldSizeBytes }: Sizes): ReferredRun[] | undefined {
  const runs: ReferredRun[] = []
  const cursor = { bytes, at: 0 }
  let end = 0
  let shift = 0
  while (cursor.at < bytes.length) {
    const gap = readNumber(cursor)
    const length = readNumber(cursor)
    const change = readNumber(cursor)
    if (gap === undefined || length === undefined || change === undefined || length === 0) return undefined
    const start = end + gap
    end = start + length
    shift += change % 2 === 0 ? change / 2 : -(change + 1) / 2
    const from = start + shift
    const isInside = end <= sizeBytes && from >= 0 && from + length <= oldSizeBytes
    if (!isInside || runs.length === RUNS_MAX) return undefined
    runs.push({ start, length, from })
  }
  return runsBytes(runs) <= DIFFERENCES_BYTES_MAX ? runs : undefined
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

/** Seven bytes have 49 bits: more than any file. */
const NUMBER_BYTES_MAX = 7

function readNumber(cursor: { bytes: Uint8Array; at: number }): number | undefined {
  let value = 0
  for (let count = 0; count < NUMBER_BYTES_MAX; count++) {
    const byte = cursor.bytes[cursor.at]
    if (byte === undefined) return undefined
    cursor.at += 1
    value += (byte & 0x7f) * 2 ** (7 * count)
    if (byte < 0x80) return value
  }
  return undefined
}
