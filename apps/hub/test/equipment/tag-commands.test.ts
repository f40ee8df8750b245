/** Reading and writing tags through the hub, with a device that answers as a test tells it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AskedDevice, connected, put } from '../stage/asked-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { joinDevice } from '../stage/test-device.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

type Answer = { code?: string; message?: string } & Record<string, unknown>

const KINDS = ['read-tags', 'write-tag']
const pathOf = ({ name }: { name: string }) => `/v1/devices/${name}/sources/press`
const write = (device: { name: string }) =>
  hub.ask<Answer>('POST', `${pathOf(device)}/tags/setpoint/write`, { body: { value: 25, reason: 'a trial' } })
const read = (device: { name: string }) => hub.ask<Answer>('POST', `${pathOf(device)}/read`, { body: {} })

const lastWrite = async () =>
  (await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=source.write&newestFirst=true&limit=1')).body.rows[0]

async function answerWrite(device: AskedDevice, code: 'tag_interlocked' | 'write_refused' | 'write_unverified') {
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code, message: 'because' })
}

test.each([
  ['tag_interlocked', 409],
  ['write_refused', 422],
  ['write_unverified', 502],
] as const)("the device's %s is told, and is on record with what was tried", async (code, status) => {
  using device = await connected(hub, KINDS)
  const answered = write(device)
  await answerWrite(device, code)
  expect(await answered).toMatchObject({ status, body: { code, message: 'because' } })
  const detail = { name: device.name, source: 'press', tag: 'setpoint', value: 25, reason: 'a trial', why: 'because' }
  expect(await lastWrite()).toMatchObject({ object: { id: device.id }, result: code, detail })
})

test('of a write whose device goes away before it answers nobody knows, and that is what is said', async () => {
  const device = await connected(hub, KINDS)
  const answered = write(device)
  await device.asked()
  device[Symbol.dispose]()
  expect(await answered).toMatchObject({ status: 502, body: { code: 'write_unverified' } })
  expect(await lastWrite()).toMatchObject({ result: 'write_unverified', detail: { value: 25 } })
})

test('a device that is away, or too old, was never told to write', async () => {
  const away = await joinDevice(hub)
  expect((await write(away)).body.code).toBe('device_unreachable')
  using old = await connected(hub, ['infer', 'logs'])
  expect((await write(old)).body.code).toBe('device_outdated')
  expect((await read(old)).body.code).toBe('device_outdated')
})

test('readings that do not parse are a failure, and a read leaves no record', async () => {
  using device = await connected(hub, KINDS)
  const answered = read(device)
  const { id } = await device.asked()
  await put(hub, device, id, Buffer.from('[{"value":7}]'))
  await device.link.client.answer({ id, kind: 'read-tags', omittedCount: 0 })
  expect((await answered).body.code).toBe('command_failed')
  const trail = await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=source.read')
  expect(trail.body.rows).toEqual([])
})
