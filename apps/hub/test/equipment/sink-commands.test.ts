/** Testing a sink through the hub, with a device that answers as the test defines. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connected, get } from '../stage/asked-device.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

type Answer = { code?: string; message?: string } & Record<string, unknown>

const SPEC = { name: 'archive', protocol: 'file', connection: { folder: '/data' } }
const testOn = (device: { name: string }, body: object) =>
  hub.ask<Answer>('POST', `/v1/devices/${device.name}/sinks/archive/test`, { body })

test('the device gets the sink that the caller gave, and the caller gets and records how far the test came', async () => {
  using device = await connected(hub, ['test-sink'])
  const answered = testOn(device, { spec: SPEC, send: true, waitMs: 5_000 })
  const asked = await device.asked()
  if (asked.kind !== 'test-sink') throw new Error('not test-sink')
  expect(asked).toMatchObject({ isSent: true, waitMs: 5_000 })
  expect(JSON.parse((await get(hub, asked.id, device)).text)).toEqual(SPEC)
  const cause = { code: 'sink_denied', message: 'no permission' }
  await device.link.client.answer({ id: asked.id, kind: 'test-sink', reached: 'nothing', cause })
  expect((await answered).body).toMatchObject({ device: device.name, sink: 'archive', reached: 'nothing', cause })
  const { rows } = (await hub.ask<{ rows: Answer[] }>('GET', '/v1/audit?action=sink.test&limit=1')).body
  expect(rows).toMatchObject([
    { object: { id: device.id }, result: 'ok', detail: { sink: 'archive', protocol: 'file', isSent: true } },
  ])
})

test('an invalid sink never reaches a device, and a device that does not know the command is outdated', async () => {
  using device = await connected(hub, ['infer'])
  expect((await testOn(device, { spec: { ...SPEC, protocol: 'abacus' } })).body).toMatchObject({
    code: 'input_invalid',
    message: expect.stringContaining('spec is not a valid sink'),
  })
  expect((await testOn(device, { spec: { ...SPEC, name: 'other' } })).body.code).toBe('input_invalid')
  expect((await testOn(device, { spec: SPEC })).body.code).toBe('device_outdated')
})

test('a test on a production device waits for a second person, like the setting of a sink', async () => {
  using device = await connected(hub, ['test-sink'])
  await hub.ask('PUT', '/v1/approval-rules', { body: { deployments: `device.name == "${device.name}"` } })
  const held = await testOn(device, { spec: SPEC })
  await hub.ask('PUT', '/v1/approval-rules', { body: {} })
  expect(held.body.code).toBe('approval_needed')
})
