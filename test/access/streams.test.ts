/** Streams of bytes between a hub and the stream desk of an agent, over the hub's own port. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { CommandOf } from '@skerry/contract/devices/device-command'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStreamDesk } from '../../apps/agent/src/streams/stream-desk.ts'
import { streamUses } from '../../apps/agent/src/streams/stream-uses.ts'
import { openStream } from '../../apps/hub/src/streams/open-stream.ts'
import { type AskedDevice, connected } from '../../apps/hub/test/stage/asked-device.ts'
import { startTestHub, type TestHub } from '../../apps/hub/test/stage/running-hub.ts'

let hub: TestHub
let runner: Server
const end = new AbortController()

beforeAll(async () => {
  hub = await startTestHub()
  // A stand-in for the inference server: it answers once it has read everything.
  runner = createServer({ allowHalfOpen: true }, async (socket) => {
    const asked = await buffer(socket)
    socket.end(`${asked.length} bytes`)
  })
  runner.listen(0, '127.0.0.1')
  await once(runner, 'listening')
})
afterAll(async () => {
  end.abort()
  runner.close()
  await hub[Symbol.asyncDispose]()
})

const payerOf = async ({ id }: AskedDevice) => {
  const { organisation_id } = await hub.hub.store.db
    .selectFrom('devices')
    .select('organisation_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return organisation_id
}

/** Answers the orders of the hub as an agent does. */
function serve(device: AskedDevice) {
  const { certificatePem, privateKeyPem } = device
  const dial = (path: string, messageBytesMax: number, signal: AbortSignal) =>
    dialSocket(
      new URL(path, hub.url).href,
      {
        authorities: [hub.hub.config.caPem],
        credentials: { certificatePem, privateKeyPem },
        messageBytesMax,
      },
      signal,
    )
  const { port } = runner.address() as AddressInfo
  const log = { info: () => undefined, warn: () => undefined }
  const desk = createStreamDesk(streamUses({ runner: () => ({ host: '0.0.0.0', port }), access: {} }), {
    dial,
    log,
    signal: end.signal,
  })
  void (async () => {
    for (;;) {
      const order = await device.next().catch(() => undefined)
      if (order === undefined) return
      if (order.kind !== 'stream') continue
      const answer = await desk.open(order, end.signal)
      if (answer.kind !== 'over') await device.link.client.answer({ ...answer, id: order.id } as never)
    }
  })()
  return { dial }
}

const open = async (device: AskedDevice, use: string, signal = end.signal) =>
  openStream(hub.hub, device.id, { payer: await payerOf(device), use, params: {} }, signal)

test('a stream reaches the inference server of the device, both ways, and gives its place back', async () => {
  using device = await connected(hub, ['stream'])
  serve(device)
  const opened = await open(device, 'serve')
  if (!opened.ok) throw new Error(opened.code)
  const { stream } = opened
  expect(hub.hub.streams.count()).toBe(1)
  stream.end(Buffer.alloc(3_000_000))
  expect((await buffer(stream)).toString()).toBe('3000000 bytes')
  await until(() => hub.hub.streams.count() === 0)
})

test('an unknown use, an old agent and an absent device are told apart', async () => {
  using device = await connected(hub, ['stream'])
  serve(device)
  expect(await open(device, 'teleport')).toMatchObject({ ok: false, code: 'stream_unknown' })
  using old = await connected(hub, ['infer', 'logs'])
  expect(await open(old, 'serve')).toMatchObject({ ok: false, code: 'device_outdated' })
  old.link.socket.terminate()
  await until(
    async () => (await open(old, 'serve')).ok === false && hub.hub.commands.connectedForMs(old.id) === undefined,
  )
  expect(await open(old, 'serve')).toMatchObject({ ok: false, code: 'device_unreachable' })
  expect(hub.hub.streams.count()).toBe(0)
})

test('only the device of a stream can open it, and only once', async () => {
  using device = await connected(hub, ['stream'])
  using other = await connected(hub, ['stream'])
  const { dial } = serve(other)
  const opening = open(device, 'serve')
  const order = (await device.asked()) as CommandOf<'stream'>
  const path = `/v1/device-streams/${order.stream}`
  expect(await dial(path, STREAM_MESSAGE_MAX, end.signal)).toMatchObject({ ok: false, code: 'command_unknown' })
  const own = serve(device)
  const first = await own.dial(path, STREAM_MESSAGE_MAX, end.signal)
  expect(first).toMatchObject({ ok: true })
  expect(await own.dial(path, STREAM_MESSAGE_MAX, end.signal)).toMatchObject({ ok: false, code: 'command_unknown' })
  await device.link.client.answer({ id: order.id, kind: 'stream' })
  const opened = await opening
  expect(opened.ok).toBe(true)
  expect((await hub.ask('GET', path)).status).toBe(404)
})

test('a device that is revoked loses its open streams', async () => {
  using device = await connected(hub, ['stream'])
  serve(device)
  const opened = await open(device, 'serve')
  if (!opened.ok) throw new Error(opened.code)
  const closed = once(opened.stream, 'close')
  opened.stream.resume()
  expect((await hub.ask('POST', `/v1/devices/${device.name}/revoke`, { body: { reason: 'lost' } })).status).toBe(200)
  await closed
})
