/** Read differences: reads the runs of a blob and their places in an old blob, and codes them block by block. */
import type { Digest } from '@skerry/contract/values/digest'
import { type ByteRun, type ReferredRun, runsBytes } from '@skerry/core/chunks/byte-runs'
import { blocksOf, type DifferenceBlock } from '@skerry/core/chunks/difference-blocks'
import { encodeBlock } from '@skerry/platform/chunks/difference-coding'
import { createExactReader } from '@skerry/platform/chunks/exact-reader'
import type { BlobBytes } from '../blobs/blob-bytes.ts'
import { readRuns } from './read-runs.ts'

type Blobs = Pick<BlobBytes, 'read'>

/** The old bytes of so many blocks are read at once: 1 MiB, mostly by one request to a bucket. */
const WINDOW_BLOCKS = 32

/** The blocks on the wire. */
export async function* readDifferences(
  blobs: Blobs,
  { digest, old }: { digest: Digest; old: Digest },
  runs: readonly ReferredRun[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = createExactReader(readRuns(blobs, digest, runs, signal))
  const blocks = blocksOf(runs)
  for (let first = 0; first < blocks.length; first += WINDOW_BLOCKS) {
    const window = blocks.slice(first, first + WINDOW_BLOCKS)
    const oldBytes = await readOld(blobs, old, window, signal)
    for (const block of window) {
      signal.throwIfAborted()
      const bytes = await reader.read(block.length)
      if (!bytes) throw new Error(`the blob ${digest} has fewer bytes than its record says`)
      yield await encodeBlock(bytes, oldBytes(block))
    }
  }
}

/** Reads each byte once, although places may overlap and stand in any order. */
async function readOld(
  blobs: Blobs,
  old: Digest,
  blocks: readonly DifferenceBlock[],
  signal: AbortSignal,
): Promise<(block: DifferenceBlock) => Uint8Array> {
  const runs = unionOf(blocks.flatMap((block) => block.runs.map(({ from, length }) => ({ start: from, length }))))
  const bytes = Buffer.alloc(runsBytes(runs))
  let filled = 0
  for await (const piece of readRuns(blobs, old, runs, signal)) {
    bytes.set(piece, filled)
    filled += piece.length
  }
  if (filled !== bytes.length) throw new Error(`the blob ${old} has fewer bytes than its record says`)
  const places: { start: number; at: number }[] = []
  for (const [index, { start }] of runs.entries()) {
    const before = runs[index - 1]
    places.push({ start, at: (places.at(-1)?.at ?? 0) + (before?.length ?? 0) })
  }
  const pieceOf = ({ from, length }: ReferredRun) => {
    const place = places.findLast(({ start }) => start <= from)
    if (!place) throw new Error('a place lies before all places')
    const at = place.at + from - place.start
    return bytes.subarray(at, at + length)
  }
  return (block) => Buffer.concat(block.runs.map(pieceOf))
}

/** Rising runs that do not overlap. */
function unionOf(runs: readonly ByteRun[]): ByteRun[] {
  const union: ByteRun[] = []
  for (const { start, length } of [...runs].sort((one, other) => one.start - other.start)) {
    const last = union.at(-1)
    if (last && start <= last.start + last.length) last.length = Math.max(last.length, start + length - last.start)
    else union.push({ start, length })
  }
  return union
}
