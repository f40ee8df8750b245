/**
 * Loss reserve: a small file that was written in full when there was room, and is only ever overwritten in place. So what a full disk costs, and what is
 * delivered meanwhile, can be written down on that very disk. Two places take turns: after a power cut in the middle of one, the other still holds.
 */
import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Loss } from '@skerry/contract/sinks/sink-loss'
import type { Lane } from '@skerry/contract/sinks/sink-value'

/** Six lanes, one range each, with room to spare; a page of most disks. */
const PLACE_BYTES = 4_096

/** Each set has its own number, so that whoever takes it over does so once. `done`: up to where a lane has been delivered. */
export type Reserved = { serial: number; losses: Loss[]; done: Partial<Record<Lane, number>> }

export type LossReserve = Disposable & {
  read(): Reserved
  /** Durable when it returns. */
  write(reserved: Reserved): void
}

type Place = Reserved & { turn: number }

/** Opens or makes it. */
export function openLossReserve(path: string): LossReserve {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  const one = readPlace(file, 0)
  const two = readPlace(file, 1)
  let newest = one.turn > two.turn ? one : two
  const write = (reserved: Reserved) => {
    newest = { ...reserved, turn: newest.turn + 1 }
    writePlace(file, newest)
    fsyncSync(file)
  }
  if (fstatSync(file).size < 2 * PLACE_BYTES) {
    // Both places, so that the file never grows again.
    write(newest)
    write(newest)
  }
  return { read: () => newest, write, [Symbol.dispose]: () => closeSync(file) }
}

function writePlace(file: number, place: Place): void {
  const text = Buffer.from(JSON.stringify(place))
  const bytes = Buffer.alloc(PLACE_BYTES)
  bytes.writeUInt32LE(text.length, 0)
  bytes.writeUInt32LE(crc32(text), 4)
  text.copy(bytes, 8)
  writeSync(file, bytes, 0, PLACE_BYTES, (place.turn % 2) * PLACE_BYTES)
}

/** What was never written, or only in part, is as nothing. */
function readPlace(file: number, index: number): Place {
  const bytes = Buffer.alloc(PLACE_BYTES)
  readSync(file, bytes, 0, PLACE_BYTES, index * PLACE_BYTES)
  const text = bytes.subarray(8, 8 + Math.min(bytes.readUInt32LE(0), PLACE_BYTES - 8))
  if (text.length === 0 || crc32(text) !== bytes.readUInt32LE(4)) return { serial: 0, losses: [], done: {}, turn: 0 }
  return JSON.parse(text.toString())
}
