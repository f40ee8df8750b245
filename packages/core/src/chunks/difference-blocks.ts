/** Difference blocks: the blocks of a list of runs, and the ways to rearrange their bytes (contract, chunks/differences.ts). */
import { type BlockCoding, DIFFERENCE_BLOCK_BYTES } from '@skerry/contract/chunks/differences'
import type { ReferredRun } from './byte-runs.ts'

/** The runs of one block. */
export type DifferenceBlock = { length: number; runs: ReferredRun[] }

/** Cuts the runs where blocks end. */
export function blocksOf(runs: readonly ReferredRun[]): DifferenceBlock[] {
  const blocks: DifferenceBlock[] = []
  for (const run of runs) {
    for (let done = 0; done < run.length; ) {
      let block = blocks.at(-1)
      if (!block || block.length === DIFFERENCE_BLOCK_BYTES) {
        block = { length: 0, runs: [] }
        blocks.push(block)
      }
      const length = Math.min(run.length - done, DIFFERENCE_BLOCK_BYTES - block.length)
      block.runs.push({ start: run.start + done, from: run.from + done, length })
      block.length += length
      done += length
    }
  }
  return blocks
}

type Arrangement = Pick<BlockCoding, 'old' | 'planes'>

/** The bytes as they are compressed. `old` has as many bytes. */
export function arrange(bytes: Uint8Array, old: Uint8Array, { old: use, planes }: Arrangement): Uint8Array {
  const isSubtracted = use === 'subtracted'
  if (!isSubtracted && planes === 1) return bytes
  const arranged = new Uint8Array(bytes.length)
  forEachPlace(bytes.length, planes, (at, place) => {
    arranged[place] = (bytes[at] ?? 0) - (isSubtracted ? (old[at] ?? 0) : 0)
  })
  return arranged
}

/** The reverse of `arrange`. */
export function restore(arranged: Uint8Array, old: Uint8Array, { old: use, planes }: Arrangement): Uint8Array {
  const isSubtracted = use === 'subtracted'
  if (!isSubtracted && planes === 1) return arranged
  const bytes = new Uint8Array(arranged.length)
  forEachPlace(arranged.length, planes, (at, place) => {
    bytes[at] = (arranged[place] ?? 0) + (isSubtracted ? (old[at] ?? 0) : 0)
  })
  return bytes
}

/** Visits each byte with its place in the planes. The bytes after the last whole number stay at the end. */
function forEachPlace(length: number, planes: number, visit: (at: number, place: number) => void): void {
  const numbers = Math.floor(length / planes)
  let place = 0
  for (let plane = 0; plane < planes; plane++) {
    for (let at = plane; at < numbers * planes; at += planes) visit(at, place++)
  }
  for (let at = numbers * planes; at < length; at++) visit(at, place++)
}
