/**
 * Cutter: cuts a file into chunks whose ends depend on the bytes near them, and chunks into groups. A change of some
 * bytes changes the chunks that have them; the chunks before and after stay the same, also if they move. So a device
 * finds most chunks of a new file in its old files.
 *
 * FastCDC [Xia et al., USENIX ATC 2016]: a gear hash over the last 32 bytes, a minimum that is skipped, and a stricter
 * mask before the usual length. In addition a chunk ends where the data of a tensor begins (tensor-places.ts).
 *
 * The cut is a part of the wire: an index names it as `cut: 1`. Any change of a constant here makes another cut.
 */
import { createTensorPlaces } from './tensor-places.ts'

export type Cutter = {
  /** Cuts the next bytes of the file. The caller may overwrite them afterwards. */
  push(piece: Uint8Array): void
  /** The file has ended. */
  end(): void
}

/** The bytes of a chunk, valid until the call returns; and whether its group ends with it. */
export type OnChunk = (chunk: Uint8Array, endsGroup: boolean) => void

const CHUNK_BYTES_MIN = 1_024

/** Small, so that a changed row of a table moves little more than itself. Groups keep the index small. */
const CHUNK_BYTES_USUAL = 4_096

export const CHUNK_BYTES_MAX = 16_384

/** Some 64 KiB. A device fetches the chunk list of a group only if it does not have the whole group. */
export const GROUP_CHUNKS_MAX = 64

/** The high bits of the gear hash depend on all of its 32 bytes. 14 bits, 10 bits, and 4 further bits for groups. */
const STRICT_MASK = 0xfffc0000 | 0
const LOOSE_MASK = 0xffc00000 | 0
const GROUP_MASK = 0x0003c000

const GEAR = gearTable()

/** 256 fixed numbers without a pattern: xorshift32 [Marsaglia 2003] from a fixed seed. */
function gearTable(): Int32Array {
  const table = new Int32Array(256)
  let state = 0x9e3779b9 | 0
  for (let index = 0; index < table.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    table[index] = state
  }
  return table
}

type Cutting = {
  onChunk: OnChunk
  places: ReturnType<typeof createTensorPlaces>
  /** The begun chunk, and the position of its first byte in the file. */
  rest: Uint8Array
  position: number
  /** The bytes of the begun chunk that the hash has passed. */
  scanned: number
  hash: number
  groupChunks: number
}

export function createCutter(onChunk: OnChunk): Cutter {
  const it: Cutting = {
    onChunk,
    places: createTensorPlaces(),
    rest: new Uint8Array(0),
    position: 0,
    scanned: 0,
    hash: 0,
    groupChunks: 0,
  }
  return {
    push(piece) {
      it.places.push(piece)
      const bytes = it.rest.length === 0 ? piece : joined(it.rest, piece)
      let start = 0
      for (;;) {
        const found = findEnd(it, bytes, start)
        if (!found) break
        emit(it, bytes.subarray(start, found.end), found.endsGroup)
        start = found.end
      }
      // `slice` of a Buffer would be a view of bytes that the caller overwrites.
      it.rest = new Uint8Array(bytes.subarray(start))
    },
    end() {
      if (it.rest.length > 0) emit(it, it.rest, true)
      it.rest = new Uint8Array(0)
    },
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length + other.length)
  all.set(one)
  all.set(other, one.length)
  return all
}

function emit(it: Cutting, chunk: Uint8Array, endsGroup: boolean): void {
  it.groupChunks += 1
  const isLast = endsGroup || it.groupChunks === GROUP_CHUNKS_MAX
  if (isLast) it.groupChunks = 0
  it.position += chunk.length
  it.scanned = 0
  it.hash = 0
  it.onChunk(chunk, isLast)
}

/** The end of the chunk that begins at `start`; undefined if it is not among these bytes. */
function findEnd(it: Cutting, bytes: Uint8Array, start: number): { end: number; endsGroup: boolean } | undefined {
  const place = it.places.after(it.position)
  const placeAt = place === undefined ? Number.POSITIVE_INFINITY : start + place - it.position
  const limit = Math.min(start + CHUNK_BYTES_MAX, placeAt)
  const end = scan(it, bytes, start, Math.min(limit, bytes.length))
  if (end !== undefined) return { end, endsGroup: (it.hash & GROUP_MASK) === 0 || end === placeAt }
  return limit <= bytes.length ? { end: limit, endsGroup: limit === placeAt } : undefined
}

/** Moves the hash up to `stop`, or to the first end by content. */
function scan(it: Cutting, bytes: Uint8Array, start: number, stop: number): number | undefined {
  let at = start + Math.max(it.scanned, CHUNK_BYTES_MIN)
  let { hash } = it
  const usual = Math.min(start + CHUNK_BYTES_USUAL, stop)
  let found: number | undefined
  while (at < usual && found === undefined) {
    hash = ((hash << 1) + (GEAR[bytes[at] ?? 0] ?? 0)) | 0
    at += 1
    if ((hash & STRICT_MASK) === 0) found = at
  }
  while (at < stop && found === undefined) {
    hash = ((hash << 1) + (GEAR[bytes[at] ?? 0] ?? 0)) | 0
    at += 1
    if ((hash & LOOSE_MASK) === 0) found = at
  }
  it.hash = hash
  if (at > start + it.scanned) it.scanned = Math.max(it.scanned, Math.min(at, stop) - start)
  return found
}
