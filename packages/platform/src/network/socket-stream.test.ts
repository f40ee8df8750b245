import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { joinStreams } from './join-streams.ts'
import { type SocketStreamOptions, StreamCut, socketStream } from './socket-stream.ts'

const LIMITS = { idleMs: 60_000, pingMs: 10_000 }
const server = createServer()
const acceptor = new WebSocketServer({ server })

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  acceptor.close()
  server.closeAllConnections()
  server.close()
})

/** Two ends of one connection. */
async function pair(limits: SocketStreamOptions = LIMITS): Promise<[Duplex, Duplex]> {
  const accepted = once(acceptor, 'connection')
  const near = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await once(near, 'open')
  const [far] = (await accepted) as [WebSocket]
  const ends: [Duplex, Duplex] = [socketStream(near, limits), socketStream(far, LIMITS)]
  for (const end of ends) end.on('error', () => undefined)
  return ends
}

test('the end of one direction leaves the other one open', async () => {
  const [near, far] = await pair()
  near.end('a question')
  expect((await buffer(far)).toString()).toBe('a question')
  far.end('the answer')
  expect((await buffer(near)).toString()).toBe('the answer')
  await until(() => near.destroyed && far.destroyed)
})

test('a reader that does not read holds up the writer, and loses nothing', async () => {
  const [near, far] = await pair()
  const bytes = Buffer.alloc(24 * 1024 * 1024, 'skerry')
  let written = 0
  const writing = (async () => {
    for (let at = 0; at < bytes.length; at += 65_536) {
      if (!near.write(bytes.subarray(at, at + 65_536))) await once(near, 'drain')
      written = at
    }
    near.end()
  })()
  await until(() => written > 0)
  let last = -1
  // The writer stands still once the buffers of both ends and of the system are full.
  await until(() => {
    const isStill = written === last
    last = written
    return isStill
  })
  expect(written).toBeLessThan(bytes.length - 65_536)
  const [read] = await Promise.all([buffer(far), writing])
  expect(read.equals(bytes)).toBe(true)
  near.destroy()
  far.destroy()
})

test('a stream that is cut says why at the other end', async () => {
  const [near, far] = await pair()
  const cut = once(far, 'error')
  far.resume()
  near.destroy(new StreamCut('grant_revoked'))
  expect(await cut).toEqual([expect.objectContaining({ code: 'grant_revoked' })])
})

test('a stream without bytes ends after its idle time', async () => {
  const [near, far] = await pair({ idleMs: 20, pingMs: 10_000 })
  const cut = once(far, 'error')
  far.resume()
  near.resume()
  expect(await cut).toEqual([expect.objectContaining({ code: 'stream_idle' })])
})

test('joined streams pass bytes, ends of directions, and breaks', async () => {
  const [person, hub] = await pair()
  const [other, device] = await pair()
  const joined = joinStreams(hub, other)
  person.end('ls')
  expect((await buffer(device)).toString()).toBe('ls')
  device.write('file')
  const [first] = (await once(person, 'data')) as [Buffer]
  expect(first.toString()).toBe('file')
  person.destroy(new Error('the person is gone'))
  await joined
  await until(() => device.destroyed)
})

test('joined streams end on both sides when one side has closed', async () => {
  const [person, hub] = await pair()
  const [other, device] = await pair()
  const joined = joinStreams(hub, other)
  let heard = ''
  person.on('data', (piece: Buffer) => {
    heard += piece
  })
  // As an agent whose program has ended: it does not wait for the end of the input.
  device.resume()
  device.end('the last words', () => device.destroy())
  await joined
  await until(() => person.destroyed)
  expect(heard).toBe('the last words')
})

test('many bytes pass through two joined connections at the speed of the reader, and end', async () => {
  const [reader, hub] = await pair()
  const [other, device] = await pair()
  const joined = joinStreams(hub, other)
  const bytes = 32 * 1024 * 1024
  const source = Readable.from(
    (function* () {
      for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(65_536)
    })(),
    { objectMode: false },
  )
  device.resume()
  source.pipe(device)
  let heard = 0
  reader.on('data', (piece: Buffer) => {
    heard += piece.byteLength
  })
  await once(reader, 'end')
  expect(heard).toBe(bytes)
  reader.end()
  await joined
})
