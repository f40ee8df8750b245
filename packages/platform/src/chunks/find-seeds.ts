/** Find seeds: looks for wanted chunks and groups in the files on this disk. */
import type { Digest } from '@skerry/contract/values/digest'
import { chunksOf } from '../files/file-system.ts'
import type { ReadableFile } from '../files/tar-view.ts'
import { watchChunks } from './chunk-index.ts'

/** A file on the disk whose bytes may be a part of the wanted file. */
export type Seed = {
  digest: Digest
  open(): Promise<ReadableFile | undefined>
  /** Given if the bytes of the file have this digest, so that the hub may have the same file. */
  sizeBytes?: number
}

/** The place of the same bytes on the disk. */
export type Found = { seed: Seed; start: number }

/** Reading 4 GiB takes a minute of a small computer: as long as 100 MB take on a line of 10 Mbit/s. */
const SCANNED_BYTES_MAX = 4 * 2 ** 30

/** The places of wanted ids, by id. It stops as soon as it has all of them. */
export async function findInSeeds(
  seeds: readonly Seed[],
  level: 'chunk' | 'group',
  wanted: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Map<string, Found>> {
  const found = new Map<string, Found>()
  let scanned = 0
  for (const seed of seeds) {
    if (found.size === wanted.size || scanned > SCANNED_BYTES_MAX) return found
    await using file = await seed.open()
    if (!file) continue
    const note = ({ id, start }: { id: string; start: number }) => {
      if (wanted.has(id) && !found.has(id)) found.set(id, { seed, start })
    }
    const cutter = watchChunks({ [level]: note })
    for await (const piece of chunksOf(file)) {
      signal.throwIfAborted()
      cutter.push(piece)
      scanned += piece.length
      if (found.size === wanted.size || scanned > SCANNED_BYTES_MAX) break
    }
    cutter.end()
  }
  return found
}
