/** Looking at what a device runs, once and for as long as somebody watches, with a device that answers as a test tells it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AskedDevice, connected } from '../stage/asked-device.ts'
import { answerLook, FLOW, next, watchFlow } from '../stage/look-stream.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const SOURCE = {
  kind: 'source',
  name: 'press',
  protocol: 'modbus',
  atMs: 1_000,
  state: 'up',
  sinceMs: 1,
  groups: [],
  tags: [],
  connection: { connects: 1, troubles: 0, crashes: 0, lost: 0, valuesPerSecond: 1 },
  omittedCount: 0,
}
const KINDS = ['look']

const answer = (device: AskedDevice, look: object) => answerLook(hub, device, look)
const watch = (device: { name: string }) => watchFlow(hub, device)

const lookAtFlow = ({ name }: { name: string }) =>
  hub.ask<Record<string, unknown>>('GET', `/v1/devices/${name}/flows/pump/look`)

test('a flow and a source are looked at once, and that leaves no record', async () => {
  using device = await connected(hub, KINDS)
  const flow = lookAtFlow(device)
  expect(await answer(device, FLOW)).toMatchObject({ kind: 'look', at: { kind: 'flow', name: 'pump' } })
  expect((await flow).body).toEqual({ device: device.name, ...FLOW })
  const path = `/v1/devices/${device.name}/sources/press/look`
  const source = hub.ask('POST', path, { body: { tags: ['level'] } })
  expect(await answer(device, SOURCE)).toMatchObject({ at: { kind: 'source', name: 'press', tags: ['level'] } })
  expect((await source).body).toEqual({ device: device.name, ...SOURCE })
  const trail = await hub.ask<{ rows: unknown[] }>('GET', '/v1/audit?action=source.look')
  expect(trail.body.rows).toEqual([])
})

test.each([
  ['what it does not run', 'flow_unknown', 404],
  ['what a later agent calls otherwise', 'command_failed', 422],
] as const)('a device that refuses %s is told on', async (_, code, status) => {
  using device = await connected(hub, KINDS)
  const asked = lookAtFlow(device)
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code, message: 'because' })
  expect(await asked).toMatchObject({ status, body: { code, message: 'because' } })
})

test('an answer that does not parse, or is of another thing, is a failure; an old agent is too old', async () => {
  using device = await connected(hub, KINDS)
  for (const wrong of [{ kind: 'flow' }, SOURCE]) {
    const asked = lookAtFlow(device)
    await answer(device, wrong)
    expect((await asked).body.code).toBe('command_failed')
  }
  using old = await connected(hub, ['infer', 'logs', 'read-tags'])
  expect((await lookAtFlow(old)).body.code).toBe('device_outdated')
})

test('however many watch, the device is asked for all of them, and no more once the last has left', async () => {
  using device = await connected(hub, KINDS)
  const one = watch(device)
  const other = watch(device)
  const first = next(one)
  await answer(device, FLOW)
  expect(await first).toMatchObject({ kind: 'flow', device: device.name })
  // The stream asks on; who comes now is told what is known, and asks nothing.
  const second = next(one)
  await answer(device, { ...FLOW, atMs: 2_000 })
  expect(await second).toMatchObject({ atMs: 2_000 })
  expect(await next(other)).toMatchObject({ atMs: 2_000 })
  const third = next(one)
  const same = next(other)
  await answer(device, { ...FLOW, atMs: 3_000 })
  expect([(await third).atMs, (await same).atMs]).toEqual([3_000, 3_000])
  const { id } = await device.asked()
  await one.return()
  await other.return()
  expect(await device.next()).toEqual({ kind: 'cancel', id })
})

test('a device that goes away is said to be away, once, and is asked again when it is back', async () => {
  using device = await connected(hub, KINDS)
  const events = watch(device)
  const first = next(events)
  await answer(device, FLOW)
  await first
  const second = next(events)
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code: 'flow_unknown', message: 'it is another one now' })
  expect(await second).toMatchObject({ kind: 'away', code: 'flow_unknown', message: 'it is another one now' })
  const third = next(events)
  await answer(device, { ...FLOW, atMs: 9_000 })
  expect(await third).toMatchObject({ kind: 'flow', atMs: 9_000 })
  await events.return()
})

test('a watch of what is not there is refused before it begins', async () => {
  using device = await connected(hub, KINDS)
  const asked = hub.ask<{ code: string }>('GET', `/v1/devices/${device.name}/flows/pump/watch`)
  const { id } = await device.asked()
  await device.link.client.answer({ id, kind: 'refused', code: 'flow_unknown', message: 'no' })
  expect(await asked).toMatchObject({ status: 404, body: { code: 'flow_unknown' } })
})
