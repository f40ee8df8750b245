/**
 * Recorded rows: the file in which a device collects rows for learning. Each row is its time and a number for each tag,
 * as little-endian float64. A row that a power cut tore is left out.
 */
import { open } from 'node:fs/promises'
import type { TagRows } from '@skerry/onnx/learn/windows'

const NUMBER_BYTES = 8

/** Rows further apart than this many steps are not one window. */
const GAP_STEPS = 2.5

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

export type Recording = { rows: TagRows; collected: number; startedAtMs: number; endedAtMs: number }

/** A gap becomes a row of missing values, so that no window spans it. */
export async function readRows(path: string, tags: readonly string[], everyMs: number): Promise<Recording> {
  await using file = await open(path)
  const bytes = await file.readFile()
  const width = tags.length + 1
  const collected = Math.floor(bytes.byteLength / rowBytes(tags.length))
  const numbers = new Float64Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + collected * width * NUMBER_BYTES),
  )
  const values: number[] = []
  let last: number | undefined
  for (let row = 0; row < collected; row += 1) {
    const timeMs = numbers[row * width] ?? 0
    if (last !== undefined && Math.abs(timeMs - last) > GAP_STEPS * everyMs)
      for (const _ of tags) values.push(Number.NaN)
    last = timeMs
    for (let tag = 0; tag < tags.length; tag += 1) values.push(numbers[row * width + 1 + tag] ?? Number.NaN)
  }
  return {
    rows: { tags, values: Float64Array.from(values), rows: values.length / tags.length },
    collected,
    startedAtMs: Math.max(0, Math.floor(numbers[0] ?? 0)),
    endedAtMs: Math.max(0, Math.floor(last ?? 0)),
  }
}
