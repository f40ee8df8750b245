import { crc32, deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { movingPicture } from './png-frames.ts'

const chunk = (type: string, data: Buffer) => {
  const body = Buffer.concat([Buffer.from(type), data])
  const ends = [Buffer.alloc(4), Buffer.alloc(4)] as const
  ends[0].writeUInt32BE(data.length)
  ends[1].writeUInt32BE(crc32(body))
  return Buffer.concat([ends[0], body, ends[1]])
}

/** One grey pixel of 8 bits. */
function pixel(grey: number, width = 1): Buffer {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, 1, 8, 0, 0, 0, 0])
  const rows = deflateSync(Buffer.from([0, ...Array.from({ length: width }, () => grey)]))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))])
}

test('frames become one picture: its control, each frame with its time, and consecutive numbers', () => {
  const bytes = movingPicture([
    { png: pixel(1), ms: 1_500 },
    { png: pixel(2), ms: 700 },
    { png: pixel(3), ms: 700 },
  ])
  const found: { type: string; data: Buffer }[] = []
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const body = bytes.subarray(at + 4, at + 8 + length)
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(body))
    found.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) })
    at += 12 + length
  }
  expect(found.map(({ type }) => type).join(' ')).toBe('IHDR acTL fcTL IDAT fcTL fdAT fcTL fdAT IEND')
  const control = found[1]?.data
  expect([control?.readUInt32BE(0), control?.readUInt32BE(4)]).toEqual([3, 0])
  const numbered = found.filter(({ type }) => type === 'fcTL' || type === 'fdAT')
  expect(numbered.map(({ data }) => data.readUInt32BE(0))).toEqual([0, 1, 2, 3, 4])
  expect(numbered.filter(({ type }) => type === 'fcTL').map(({ data }) => data.readUInt16BE(20))).toEqual([
    1_500, 700, 700,
  ])
})

test('frames of two sizes and no frames are errors', () => {
  expect(() =>
    movingPicture([
      { png: pixel(1), ms: 1 },
      { png: pixel(1, 2), ms: 1 },
    ]),
  ).toThrow('frame 2 has another size')
  expect(() => movingPicture([])).toThrow('a frame at least')
})
