/**
 * Hand-over counter: how many values have been handed to a queue, in a small file beside it, written before they are. It is not flushed to the disk: what is
 * written survives the end of the process, however it ends, and a power cut may set it back. Two places take turns, so that one is whole at any byte. Where
 * the file cannot be had, the count is kept in memory alone, which the end of a thread survives and that of the process does not.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Priority, SinkValue } from '@skerry/contract/sinks/sink-value'
import type { PriorityCounts } from '@skerry/core/equipment/hand-over'

/** `counter`: a file that had to be begun anew is another one. `isKnown`: a queue has been opened with it. The times are those of what is not known to be stored, and may span more than that. */
export type Handed = { counter: string; isKnown: boolean; counts: PriorityCounts; fromMs: number; toMs: number }

export type HandOver = Disposable & {
  /** Before they are handed over, under numbers of theirs that only grow. */
  advance(values: readonly SinkValue[], priority: Priority, id: number): void
  /** A queue has been opened with it. */
  known(): void
  /** All up to this number are in the queue. */
  stored(id: number): void
  handed(): Handed
}

/** A checksum and eight bytes for each number; the places are a sector apart, which is what a disk writes whole. */
const PLACE_BYTES = 72
const SECTOR_BYTES = 512

type Place = Handed & { turn: number }
type Span = { fromMs: number; toMs: number; lastId: number }

const nothing = (): Span => ({ fromMs: Number.POSITIVE_INFINITY, toMs: 0, lastId: 0 })

/** Opens or makes it. */
export function openHandOver(path: string): HandOver {
  let file = unlessRefused(() => {
    mkdirSync(dirname(path), { recursive: true })
    return openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  })
  const place = (file === undefined ? undefined : newestPlace(file)) ?? freshPlace()
  // Those before were handed over while there were others on their way: what is not stored is among the two.
  let before: Span = { fromMs: place.fromMs, toMs: place.toMs, lastId: 0 }
  let now = nothing()
  const bytes = Buffer.alloc(PLACE_BYTES)
  return {
    advance(values, priority, id) {
      for (const { eventTimeMs } of values) {
        if (eventTimeMs < now.fromMs) now.fromMs = eventTimeMs
        if (eventTimeMs > now.toMs) now.toMs = eventTimeMs
      }
      now.lastId = id
      place.counts[priority] += values.length
      place.turn += 1
      place.fromMs = Math.min(before.fromMs, now.fromMs)
      place.toMs = Math.max(before.toMs, now.toMs)
      const open = file
      if (open !== undefined) unlessRefused(() => writePlace(open, bytes, place))
    },
    known() {
      place.isKnown = true
    },
    stored(id) {
      if (id < before.lastId) return
      before = now
      now = nothing()
    },
    handed: () => ({ ...place, counts: { ...place.counts } }),
    [Symbol.dispose]() {
      if (file !== undefined) closeSync(file)
      // Its number is another file's soon.
      file = undefined
    },
  }
}

/** A disk that takes nothing must not end who hands over: then less is known after a kill. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}

const freshPlace = (): Place => ({
  counter: randomBytes(8).toString('hex'),
  counts: { urgent: 0, normal: 0, bulk: 0 },
  isKnown: false,
  fromMs: Number.POSITIVE_INFINITY,
  toMs: 0,
  turn: 0,
})

function writePlace(file: number, bytes: Buffer, { counter, counts, fromMs, toMs, turn, isKnown }: Place): void {
  bytes.write(counter, 8, 'hex')
  const numbers = [turn, counts.urgent, counts.normal, counts.bulk, fromMs, toMs, Number(isKnown)]
  for (const [index, number] of numbers.entries()) bytes.writeDoubleLE(number, 16 + 8 * index)
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 0)
  writeSync(file, bytes, 0, PLACE_BYTES, (turn % 2) * SECTOR_BYTES)
}

function newestPlace(file: number): Place | undefined {
  const one = readPlace(file, 0)
  const two = readPlace(file, 1)
  if (!(one && two)) return one ?? two
  return one.turn > two.turn ? one : two
}

/** What was never written, or only in part, is as nothing. */
function readPlace(file: number, index: number): Place | undefined {
  const bytes = Buffer.alloc(PLACE_BYTES)
  readSync(file, bytes, 0, PLACE_BYTES, index * SECTOR_BYTES)
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(0)) return undefined
  const at = (index: number) => bytes.readDoubleLE(16 + 8 * index)
  return {
    counter: bytes.toString('hex', 8, 16),
    turn: at(0),
    counts: { urgent: at(1), normal: at(2), bulk: at(3) },
    fromMs: at(4),
    toMs: at(5),
    isKnown: at(6) === 1,
  }
}
