import { Duplex, PassThrough } from 'node:stream'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { DATAGRAM_BYTES_MAX, openDatagramFrames } from './datagram-frames.ts'

/** Two ends of one stream, whose chunks have this size. */
function newPair(chunkBytes: number) {
  const cut = (chunk: Buffer, push: (piece: Buffer) => void) => {
    for (let at = 0; at < chunk.byteLength; at += chunkBytes) push(chunk.subarray(at, at + chunkBytes))
  }
  const there = new PassThrough({ highWaterMark: 2 ** 20 })
  const near = new Duplex({
    read: () => undefined,
    write(chunk, _encoding, done) {
      cut(chunk, (piece) => there.write(piece))
      done()
    },
  })
  return { near, there }
}

test.each([1, 3, 70_000])('datagrams keep their borders when the stream comes in pieces of %i bytes', async (size) => {
  const { near, there } = newPair(size)
  const got: string[] = []
  openDatagramFrames(there, (datagram) => got.push(datagram.toString()))
  const frames = openDatagramFrames(near, () => undefined)
  const sent = ['one', '', 'x'.repeat(300), 'last']
  for (const text of sent) frames.send(Buffer.from(text))
  await until(() => got.length === sent.length)
  expect(got).toEqual(sent)
})

test('the largest datagram passes, and a larger one is dropped', async () => {
  const { near, there } = newPair(2 ** 20)
  const sizes: number[] = []
  openDatagramFrames(there, ({ byteLength }) => sizes.push(byteLength))
  const frames = openDatagramFrames(near, () => undefined)
  for (const size of [DATAGRAM_BYTES_MAX + 1, DATAGRAM_BYTES_MAX, 1]) frames.send(Buffer.alloc(size))
  await until(() => sizes.length === 2)
  expect(sizes).toEqual([DATAGRAM_BYTES_MAX, 1])
})

test('a stream that nobody reads loses datagrams, and keeps no more than its buffer', () => {
  const stuck = new Duplex({ highWaterMark: 1_000, read: () => undefined, write: () => undefined })
  const frames = openDatagramFrames(stuck, () => undefined)
  for (let at = 0; at < 1_000; at++) frames.send(Buffer.alloc(500))
  expect(stuck.writableLength).toBeLessThan(2_000)
})

test('the end of the stream is the end of the datagrams', async () => {
  const { near } = newPair(10)
  const frames = openDatagramFrames(near, () => undefined)
  near.destroy()
  await frames.ended
  frames.send(Buffer.from('too late'))
})
