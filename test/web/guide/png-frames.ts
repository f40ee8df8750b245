/**
 * Moving picture: screenshots one after the other in one PNG, which each browser plays without a program or a player.
 * [PNG 3, 4.9 Animation] https://www.w3.org/TR/png-3/#apng-frame-based-animation
 */
import { crc32 } from 'node:zlib'

export type Frame = { png: Buffer; ms: number }

type Chunk = { type: string; data: Buffer }

const SIGNATURE_BYTES = 8
/** Length, type and checksum of a chunk. */
const CHUNK_BYTES = 12

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at)
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) })
    at += CHUNK_BYTES + length
  }
  return chunks
}

function bytesOf({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  return Buffer.concat([numbers(data.length), body, numbers(crc32(body))])
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * index)
  return bytes
}

/**
 * The frames, again and again. All must have the same size and colours. A reader that knows no moving pictures shows the
 * first one.
 */
export function movingPicture(frames: readonly Frame[]): Buffer {
  const [first] = frames
  if (!first) throw new Error('a moving picture has a frame at least')
  const header = headerOf(first.png)
  let sequence = 0
  const moving = frames.flatMap(({ png, ms }, index): Chunk[] => {
    if (!headerOf(png).equals(header)) throw new Error(`frame ${index + 1} has another size or other colours`)
    const size = header.subarray(0, 8)
    // No offset; so many milliseconds; the frame stays, and replaces the one before.
    const control = Buffer.concat([numbers(sequence++), size, numbers(0, 0), seconds(ms), Buffer.from([0, 0])])
    const parts = chunksOf(png).filter(({ type }) => type === 'IDAT')
    return [
      { type: 'fcTL', data: control },
      ...parts.map(({ data }) =>
        index === 0 ? { type: 'IDAT', data } : { type: 'fdAT', data: Buffer.concat([numbers(sequence++), data]) },
      ),
    ]
  })
  const all: Chunk[] = [
    { type: 'IHDR', data: header },
    // 0: without an end.
    { type: 'acTL', data: numbers(frames.length, 0) },
    ...moving,
    { type: 'IEND', data: Buffer.alloc(0) },
  ]
  return Buffer.concat([first.png.subarray(0, SIGNATURE_BYTES), ...all.map(bytesOf)])
}

function headerOf(png: Buffer): Buffer {
  const header = chunksOf(png).find(({ type }) => type === 'IHDR')
  if (!header) throw new Error('a frame is not a PNG')
  return header.data
}

/** A fraction of two numbers of 16 bits. */
function seconds(ms: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16BE(ms, 0)
  bytes.writeUInt16BE(1_000, 2)
  return bytes
}
