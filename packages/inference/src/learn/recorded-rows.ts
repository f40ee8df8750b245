/**
 * Recorded rows: the file in which a device collects rows for learning. Each row is its time and a number for each tag,
 * as little-endian float64. A row that a power cut tore is left out.
 */
import { open } from 'node:fs/promises'
import { GAP_STEPS } from '@skerry/core/learning/whole-windows'
import type { TagRows } from '@skerry/onnx/learn/windows'

const NUMBER_BYTES = 8

export const rowBytes = (tags: number): number => (tags + 1) * NUMBER_BYTES

/** The bytes of one row. A missing value is NaN. */
export const encodeRow = (timeMs: number, values: readonly number[]): Uint8Array =>
  new Uint8Array(Float64Array.of(timeMs, ...values).buffer)

/** The whole rows of the file. Zero if there is no file. */
export async function countRows(path: string, tags: number): Promise<number> {
  try {
    await using file = await open(path)
    return Math.floor((await file.stat()).size / rowBytes(tags))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

/** Bytes of a read: some thousand rows, and little beside the memory of a small device. */
const READ_BYTES = 256 * 1024

type RowCopy = { tags: number; span: Span }

/** Copies the rows of a time from these files to a new one. Returns their number. A missing file has no rows. */
export async function copyRows(sources: readonly string[], path: string, { tags, span }: RowCopy): Promise<number> {
  await using target = await open(path, 'w', 0o600)
  const size = rowBytes(tags)
  let copied = 0
  for (const source of sources)
    for await (const rows of rowChunks(source, tags)) {
      const wanted = rows.filter((row) => row.readDoubleLE(0) >= span.fromMs && row.readDoubleLE(0) <= span.toMs)
      if (wanted.length > 0) await target.appendFile(Buffer.concat(wanted, wanted.length * size))
      copied += wanted.length
    }
  await target.datasync()
  return copied
}

/** The whole rows of a file, some thousand at once. */
export async function* rowChunks(path: string, tags: number): AsyncGenerator<Buffer[]> {
  const size = rowBytes(tags)
  const whole = (await countRows(path, tags)) * size
  if (whole === 0) return
  const chunk = Buffer.alloc(Math.max(1, Math.floor(READ_BYTES / size)) * size)
  await using file = await open(path)
  for (let at = 0; at < whole; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, whole - at), at)
    const rows = Math.floor(bytesRead / size)
    if (rows === 0) return
    yield Array.from({ length: rows }, (_, row) => chunk.subarray(row * size, (row + 1) * size))
    at += rows * size
  }
}

export type Recording = {
  rows: TagRows
  /** The time of each row. NaN for the row of a gap. */
  timesMs: Float64Array
  collected: number
  /** Rows in a left-out time. */
  leftOut: number
  startedAtMs: number
  endedAtMs: number
}

export type Span = { fromMs: number; toMs: number }

/** A gap becomes a row of missing values, so that no window spans it. */
export async function readRows(
  path: string,
  tags: readonly string[],
  everyMs: number,
  leftOut: readonly Span[] = [],
): Promise<Recording> {
  await using file = await open(path)
  const bytes = await file.readFile()
  const width = tags.length + 1
  const collected = Math.floor(bytes.byteLength / rowBytes(tags.length))
  const numbers = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + collected * width * NUMBER_BYTES),
  )
  const values: number[] = []
  const timesMs: number[] = []
  let last: number | undefined
  let skipped = 0
  for (let row = 0; row < collected; row += 1) {
    const timeMs = numbers[row * width] ?? 0
    if (leftOut.some(({ fromMs, toMs }) => timeMs >= fromMs && timeMs <= toMs)) {
      skipped += 1
      continue
    }
    if (last !== undefined && Math.abs(timeMs - last) > GAP_STEPS * everyMs) {
      timesMs.push(Number.NaN)
      for (const _ of tags) values.push(Number.NaN)
    }
    timesMs.push(timeMs)
    last = timeMs
    for (let tag = 0; tag < tags.length; tag += 1) values.push(numbers[row * width + 1 + tag] ?? Number.NaN)
  }
  return {
    rows: { tags, values: Float64Array.from(values), rows: values.length / tags.length },
    timesMs: Float64Array.from(timesMs),
    collected,
    leftOut: skipped,
    startedAtMs: Math.max(0, Math.floor(numbers[0] ?? 0)),
    endedAtMs: Math.max(0, Math.floor(last ?? 0)),
  }
}
