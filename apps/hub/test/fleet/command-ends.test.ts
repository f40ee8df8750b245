/** The ends of commands: by timeout, by a lost caller or device, by limits, and by missing permissions. */
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

test('a command without an answer in time ends with an error, and the device gets a cancel', async () => {
  using device = await connected(hub)
  const answered = infer(hub, device, { timeoutMs: 1_000 })
  const { id } = await device.asked()
  expect(await answered).toMatchObject({ status: 504, body: { code: 'command_timeout' } })
  expect(await device.next()).toEqual({ kind: 'cancel', id })
  expect(hub.log.filter(({ event }) => event === 'request_failed')).toEqual([])
})

test('a command whose caller goes away is cancelled, with a record', async () => {
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
  'a device that goes away ends its commands, and a device that returns by a second link does not',
  deep('waits half a minute for a dead link; two-places.test.ts shows that it gives way'),
  async () => {
    const device = await connected(hub)
    const answered = infer(hub, device)
    const { id } = await device.asked()
    // Its first connection is dead, but both sides have not noticed.
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

test('only the device of a command can read and write its bytes', async () => {
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

test('a device runs at most four commands at once', async () => {
  using device = await connected(hub)
  const waiting = Array.from({ length: COMMANDS_PER_DEVICE_MAX }, () => infer(hub, device))
  const commands = [await device.asked(), await device.asked(), await device.asked(), await device.asked()]
  expect(await infer(hub, device)).toMatchObject({ status: 429, body: { code: 'device_busy' } })
  for (const { id } of commands)
    await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'no' })
  for (const each of waiting) expect((await each).body.code).toBe('command_failed')
  // The bytes of the rejected command are released too.
  const { organisationId } = (await hub.ask<{ organisationId: string }>('GET', '/v1/me')).body
  await expect.poll(() => hasRoom(hub, organisationId)).toBe(true)
})

/** Whether the organisation uses nothing of its share, which is half of 192 MiB while it is alone. */
function hasRoom({ hub }: TestHub, organisationId: string): boolean {
  using everything = hub.commands.budget.reserve(96 * 2 ** 20, organisationId)
  return everything !== undefined
}

test(
  'too large inputs and answers, and too many bytes at once, are rejected',
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
    // Two of them hold 31 MiB each as bytes. As text, a third takes 41 of the 96 MiB that an organisation alone may
    // use.
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
    // All bytes have been released.
    const last = infer(hub, device, large(31))
    const { id } = await device.asked()
    await device.link.client.answer({ id, kind: 'refused', code: 'command_failed', message: 'no' })
    expect((await last).status).toBe(422)
  },
)

test('a large body of a caller without permission is rejected before it is read', async () => {
  const made = await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'looker', role: 'viewer' } })
  const raw = Buffer.alloc(2 * 2 ** 20)
  const ask = (key: string | null) =>
    hub.ask('POST', '/v1/devices/x/models/pump/infer', { key, raw, headers: { 'content-type': 'application/json' } })
  expect(await ask(null)).toMatchObject({ status: 401, body: { code: 'key_missing' } })
  expect(await ask(made.body.secret)).toMatchObject({ status: 403, body: { code: 'permission_denied' } })
})

test(
  'a hub that stops reports it to waiting callers',
  deep('starts a hub of its own for it; other ends are quick'),
  async () => {
    const stopping = await startTestHub({ clock: systemClock })
    await push(stopping, 'pump', modelBytes(unary('Relu')))
    using device = await connected(stopping)
    const target = `/v1/devices/${device.name}/models/pump/infer`
    // Over a separate connection: the one that the tests share ends before the hub does.
    const answered = stopping.ask('POST', target, { body: { inputs: [INPUT] }, certificate: device })
    await device.asked()
    await stopping[Symbol.asyncDispose]()
    expect(await answered).toMatchObject({ status: 503, body: { code: 'hub_unavailable' } })
  },
)
