import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sentStream } from './sent-pieces.ts'

let pieces: () => AsyncGenerator<Uint8Array>
const server = createServer((_request, response) => void sentStream(pieces()).pipe(response))
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => void server.close())

async function answer(): Promise<IncomingMessage> {
  const [response] = await once(get({ port: (server.address() as AddressInfo).port }), 'response')
  return response as IncomingMessage
}

test('memory of a piece may be used again when the next is asked for', async () => {
  const only = Buffer.alloc(300_000)
  pieces = async function* () {
    for (let value = 1; value <= 20; value++) yield only.fill(value)
  }
  const bytes = await buffer(await answer())
  expect(bytes).toHaveLength(6_000_000)
  for (let value = 1; value <= 20; value++)
    expect(bytes.subarray((value - 1) * 300_000, value * 300_000).every((byte) => byte === value)).toBe(true)
})

test('a failing source cuts the answer', async () => {
  pieces = async function* () {
    yield Buffer.alloc(10)
    throw new Error('broken')
  }
  const piped = Promise.withResolvers<unknown>()
  const failing = createServer((_request, response) => {
    const stream = sentStream(pieces())
    stream.on('error', (error) => {
      piped.resolve(error)
      response.destroy()
    })
    stream.pipe(response)
  })
  failing.listen(0, '127.0.0.1')
  await once(failing, 'listening')
  const [response] = await once(get({ port: (failing.address() as AddressInfo).port }), 'response')
  await expect(buffer(response as IncomingMessage)).rejects.toThrow()
  expect(await piped.promise).toMatchObject({ message: 'broken' })
  failing.close()
})

test('a source is closed when the caller goes away in the middle of a piece', async () => {
  const closed = Promise.withResolvers<void>()
  pieces = async function* () {
    try {
      for (;;) yield Buffer.alloc(10_000_000)
    } finally {
      closed.resolve()
    }
  }
  const response = await answer()
  response.destroy()
  await closed.promise
})
