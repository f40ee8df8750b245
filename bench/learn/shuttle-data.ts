/**
 * Shuttle: 58,000 rows of nine sensor channels of the Space Shuttle, each with its class [Catlett; UCI Statlog]. They come
 * from Debian's r-cran-mlbench, and are not shipped:
 *
 *     apt-get download r-cran-mlbench && dpkg-deb -x r-cran-mlbench_*.deb FOLDER
 *     SKERRY_SHUTTLE=FOLDER/usr/lib/R/site-library/mlbench/data/Shuttle.rda npm run -s bench -- learn --part shuttle
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PATH = process.env.SKERRY_SHUTTLE ?? '/usr/lib/R/site-library/mlbench/data/Shuttle.rda'

export const CHANNELS = 9
const ROWS = 58_000

/** The class of the channels in order. The others are faults and rare states. */
export const NORMAL = 1

/** The rows in the order of the file: row by row, and the class of each. */
export type Shuttle = { values: Float64Array; classes: Int32Array }

/** A text says why there are none. */
export function readShuttle(): Shuttle | string {
  if (!existsSync(PATH)) return 'r-cran-mlbench is not there; bench/learn/shuttle-data.ts says how to get it'
  const { status, stdout } = spawnSync('xz', ['-dc', PATH], { maxBuffer: 64 * 1024 ** 2 })
  if (status !== 0) return 'xz cannot unpack the file of Shuttle'
  return parseShuttle(stdout)
}

/** R's binary form [R Internals 1.8]: a list of nine vectors of doubles, and a vector of the numbers of the classes. */
function parseShuttle(bytes: Buffer): Shuttle {
  const values = new Float64Array(ROWS * CHANNELS)
  const classes = new Int32Array(ROWS)
  let at = vectorFrom(bytes, 0)
  for (let channel = 0; channel < CHANNELS; channel += 1) {
    for (let row = 0; row < ROWS; row += 1) values[row * CHANNELS + channel] = bytes.readDoubleBE(at + 8 * row)
    at += 8 * ROWS
    if (channel < CHANNELS - 1) at = vectorFrom(bytes, at)
  }
  const classesAt = vectorFrom(bytes, at)
  for (let row = 0; row < ROWS; row += 1) classes[row] = bytes.readInt32BE(classesAt + 4 * row)
  return { values, classes }
}

/** The place behind the next length of a vector of all rows. */
function vectorFrom(bytes: Buffer, from: number): number {
  const length = Buffer.alloc(4)
  length.writeInt32BE(ROWS)
  const found = bytes.indexOf(length, from)
  if (found === -1) throw new Error('the file of Shuttle has another form')
  return found + 4
}
