/** The ends of commands: by time, by who leaves, by limits, and by who may not. */
import { request } from 'node:https'
import { systemClock } from '@skerry/platform/process/clock'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMMANDS_PER_DEVICE_MAX } from '../../src/commands/command-board.ts'
import { connected, get, INPUT, infer, put } from '../stage/asked-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

let hub: TestHub

beforeAll(async () => {
  hub = await startTestHub()
  await push(hub, 'pump', modelBytes(unary('Relu')))
})
afterAll(() => hub[Symbol.asyncDispose]())

test('no answer in time is said, and the device is told to stop', async () => {
  using device = await connected(hub)
  const answered = infer(hub, device, { timeoutMs: 1_000 })
  const { id } = await device.asked()
  expect(await answered).toMatchObject({ status: 504, body: { code: 'command_timeout' } })
  expect(await device.next()).toEqual({ kind: 'cancel', id })
  expect(hub.log.filter(({ event }) => event === 'request_failed')).toEqual([])
})

test('who goes away is waited for no more, and leaves a record', async () => {
  using device = await connected(hub)
  const leaving = new AbortController()
  const target = `${hub.url}/v1/devices/${device.name}/models/pump/infer`
  const asking = request(target, {
    method: 'POST',
    ca: hub.hub.config.caPem,
    signal: leaving.signal,
    headers: { authorization: `Bearer ${hub.ownerKey}`, 'content-type': 'application/json' },
  })
  asking.on('error', () => undefined)
  asking.end(JSON.stringify({ inputs: [INPUT] }))
  const { id } = await device.asked()
  leaving.abort()
  expect(await device.next()).toEqual({ kind: 'cancel', id })
  await expect
    .poll(async () => (await hub.ask('GET', '/v1/audit?action=device.infer&newestFirst=true&limit=1')).body)
    .toMatchObject({ rows: [{ result: 'command_cancelled' }] })
})

test(
  'a device that goes away ends what it was asked, and one that comes back by a second link does not',
  deep('waits half a minute for a dead link; two-places.test.ts shows that it gives way'),
  async () => {
    const device = await connected(hub)
    const answered = infer(hub, device)
    const { id } = await device.asked()
    // Its first connection is dead, and nobody has noticed.
    device.link.socket.pause()
    using again = await openLink(hub, device)
    await again.client.report(reportOf())
    const stream = (await again.client.commands({ kinds: ['infer'] }))[Symbol.asyncIterator]()
    expect((await stream.next()).value).toMatchObject({ id, kind: 'infer' })
    await again.client.answer({ id, kind: 'refused', code: 'inference_failed', message: 'still here' })
    expect((await answered).body.message).toBe('still here')
    const lost = infer(hub, device)
    await stream.next()
    again.socket.terminate()
    expect(await lost).toMatchObject({ status: 409, body: { code: 'device_unreachable' } })
  },
)

test('the bytes of a command are for its own device', async () => {
  using device = await connected(hub)
  const other = await joinDevice(hub)
  const answered = infer(hub, device)
  const { id } = await device.asked()
  expect(await get(hub, id, other)).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
  expect(await put(hub, other, id, Buffer.from('{}'))).toMatchObject({ status: 403 })
  expect(await get(hub, id)).toMatchObject({ status: 401, body: { code: 'certificate_missing' } })
  expect((await hub.ask('GET', `/v1/device-commands/${id}`)).status).toBe(401)
  expect(await get(hub, 'nonsense', device)).toMatchObject({ status: 404, body: { code: 'command_unknown' } })
  using otherLink = await openLink(hub, other)
  expect(await otherLink.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'mine' })).toEqual({
    counted: false,
  })
  await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'mine' })
  expect((await answered).body.message).toBe('mine')
})

test('a device has enough at four questions', async () => {
  using device = await connected(hub)
  const waiting = Array.from({ length: COMMANDS_PER_DEVICE_MAX }, () => infer(hub, device))
  const commands = [await device.asked(), await device.asked(), await device.asked(), await device.asked()]
  expect(await infer(hub, device)).toMatchObject({ status: 429, body: { code: 'device_busy' } })
  for (const { id } of commands)
    await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'no' })
  for (const each of waiting) expect((await each).body.code).toBe('command_failed')
  // The bytes of the one that was refused, too, have been given back.
  const { organisationId } = (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body
  await expect.poll(() => hasRoom(hub, organisationId)).toBe(true)
})

/** Whether the organisation has nothing of its share, which is half of 192 MiB while it is alone. */
function hasRoom({ hub }: TestHub, organisationId: string): boolean {
  using everything = hub.commands.budget.reserve(96 * 2 ** 20, organisationId)
  return everything !== undefined
}

test(
  'what is too large is refused: inputs, answers, and much at once',
  deep('sends hundreds of mebibytes; four questions at once show the limits'),
  async () => {
    using device = await connected(hub)
    const large = (mebibytes: number) => ({
      inputs: [
        {
          name: 'x',
          datatype: 'UINT8',
          shape: [mebibytes * 2 ** 20],
          data: Buffer.alloc(mebibytes * 2 ** 20).toString('base64'),
        },
      ],
    })
    expect(await infer(hub, device, large(32))).toMatchObject({ status: 413, body: { code: 'body_too_large' } })
    expect((await infer(hub, device, large(34))).status).toBe(413)
    const waiting = [infer(hub, device, large(31)), infer(hub, device, large(31))]
    const one = await device.asked()
    const other = await device.asked()
    // Two of them hold 31 MiB each as bytes; as text a third takes 41 of 96, the share of an organisation that is alone.
    expect(await infer(hub, device, large(31))).toMatchObject({ status: 429, body: { code: 'hub_busy' } })
    expect((await put(hub, device, one.id, new Uint8Array(32 * 2 ** 20 + 1))).status).toBe(413)
    expect((await put(hub, device, one.id, new Uint8Array(32 * 2 ** 20))).status).toBe(200)
    expect(await put(hub, device, other.id, new Uint8Array(32 * 2 ** 20))).toMatchObject({
      status: 429,
      body: { code: 'hub_busy' },
    })
    for (const { id } of [one, other])
      await device.link.client.answer({ id, kind: 'refused', code: 'answer_too_large', message: 'much' })
    for (const each of waiting) expect(await each).toMatchObject({ status: 422, body: { code: 'answer_too_large' } })
    // All of it has been given back.
    const last = infer(hub, device, large(31))
    const { id } = await device.asked()
    await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'no' })
    expect((await last).status).toBe(422)
  },
)

test('a large body of who may not is refused before it is read', async () => {
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const raw = Buffer.alloc(2 * 2 ** 20)
  const ask = (key: string | null) =>
    hub.ask('POST', '/v1/devices/x/models/pump/infer', { key, raw, headers: { 'content-type': 'application/json' } })
  expect(await ask(null)).toMatchObject({ status: 401, body: { code: 'key_missing' } })
  expect(await ask(made.body.secret)).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
})

test(
  'a hub that stops says so to who waits',
  deep('starts a hub of its own for it; other ends are quick'),
  async () => {
    const stopping = await startTestHub({ clock: systemClock })
    await push(stopping, 'pump', modelBytes(unary('Relu')))
    using device = await connected(stopping)
    const target = `/v1/devices/${device.name}/models/pump/infer`
    // Over a connection of its own: the one that the tests share ends before the hub does.
    const answered = stopping.ask('POST', target, { body: { inputs: [INPUT] }, certificate: device })
    await device.asked()
    await stopping[Symbol.asyncDispose]()
    expect(await answered).toMatchObject({ status: 503, body: { code: 'hub_unavailable' } })
  },
)
