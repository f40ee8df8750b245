/** Read runs: reads the runs of a blob in order. Runs that are near each other are read at once. */
import { pipeline, Readable } from 'node:stream'
import { constants, createZstdCompress } from 'node:zlib'
import type { RunCoding } from '@skerry/contract/chunks/chunk-index'
import type { Digest } from '@skerry/contract/values/digest'
import type { ByteRun } from '@skerry/core/chunks/byte-runs'
import type { BlobBytes } from '../blobs/blob-bytes.ts'

/** Most of the gain of the highest level for a tenth of its work: the hub does this work again for each device. */
const ZSTD_LEVEL = 6

/** In bytes. A further request to a bucket costs as much time as this gap. */
const GAP_MAX = 128 * 1024

export async function* readRuns(
  blobs: Pick<BlobBytes, 'read'>,
  digest: Digest,
  runs: readonly ByteRun[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for (const near of nearRuns(runs)) {
    const [first] = near
    const last = near.at(-1)
    if (!first || !last) continue
    let position = first.start
    let index = 0
    for await (const piece of blobs.read(digest, { start: first.start, end: last.start + last.length - 1 }, signal)) {
      const end = position + piece.length
      for (let run = near[index]; run && run.start < end; run = near[index]) {
        const runEnd = run.start + run.length
        yield piece.subarray(Math.max(run.start, position) - position, Math.min(runEnd, end) - position)
        if (runEnd > end) break
        index += 1
      }
      position = end
    }
  }
}

function nearRuns(runs: readonly ByteRun[]): ByteRun[][] {
  const lists: ByteRun[][] = []
  let end = Number.NEGATIVE_INFINITY
  for (const run of runs) {
    const list = lists.at(-1)
    if (list && run.start - end <= GAP_MAX) list.push(run)
    else lists.push([run])
    end = run.start + run.length
  }
  return lists
}

/** The bytes as they are on the wire. */
export function encodeRuns(bytes: AsyncIterable<Uint8Array>, coding: RunCoding): Readable {
  const plain = Readable.from(bytes, { objectMode: false })
  if (coding === 'identity') return plain
  const zstd = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })
  // A failure destroys both streams, and the device notices that the answer was cut.
  pipeline(plain, zstd, () => {})
  return zstd
}
