import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { fleetValues } from './fleet-values.ts'
import { previewSelector } from './selector-preview.ts'

let fleet: SimulatedFleet

beforeAll(async () => {
  fleet = await openFleet()
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2, 21)
  await fleet.addVersion('other', 1)
  await fleet.addDevices(3, { site: 'alpha', labels: { line: '1' } })
  await fleet.addDevices(2, { site: 'beta', labels: { line: '2', 'team/owner': 'ot' } })
  await fleet.addDevices(1, { site: 'beta', labels: { line: 'x' }, status: 'pending' })
  await fleet.addDevices(1, { site: 'beta', labels: { line: '2' }, inventory: { opsetMax: 15 } })
})
afterAll(() => fleet[Symbol.asyncDispose]())

const preview = (selector: string, more: object = {}) =>
  previewSelector(fleet.store.db, {
    organisationId: fleet.organisationId,
    nowMs: fleet.clock.ms,
    selector,
    version: 'latest',
    limit: 100,
    ...more,
  })

const names = (devices: readonly { name: string }[]) => devices.map(({ name }) => name)

test('every device is in one of three groups, each with its reasons', async () => {
  const { total, picked, refused, others } = await preview('site.name == "beta" && int(device.labels.line) == 2')
  expect([total, picked.count, refused.count, others.count]).toEqual([7, 3, 0, 4])
  expect(names(picked.devices)).toEqual(['device-0003', 'device-0004', 'device-0006'])
  expect(others.conditions).toEqual([
    { condition: 'int(device.labels.line) == 2', count: 4 },
    { condition: 'site.name == "beta"', count: 3 },
  ])
  expect(others.devices[0]).toMatchObject({
    name: 'device-0000',
    site: 'alpha',
    unmet: [
      { condition: 'site.name == "beta"', found: 'site.name is alpha' },
      { condition: 'int(device.labels.line) == 2', found: 'device.labels.line is 1' },
    ],
  })
  expect(others.devices.at(-1)?.unmet).toEqual([
    { condition: 'int(device.labels.line) == 2', found: 'device.labels.line is x', problem: expect.any(String) },
  ])
})

test('what a version needs refuses some of those that are picked', async () => {
  const { picked, refused } = await preview('site.name == "beta"', { model: 'sensor', version: '1' })
  expect(names(picked.devices)).toEqual(['device-0003', 'device-0004'])
  expect(refused.codes).toEqual([
    { code: 'device_pending', count: 1 },
    { code: 'model_opset_unsupported', count: 1 },
  ])
  expect(refused.devices.map(({ name, code }) => [name, code])).toEqual([
    ['device-0005', 'device_pending'],
    ['device-0006', 'model_opset_unsupported'],
  ])
  // Without a version only what any needs is asked.
  expect((await preview('site.name == "beta"')).refused.codes).toEqual([{ code: 'device_pending', count: 1 }])
})

test('devices of an older deployment are its own, and those of the deployment that asks are not lost to it', async () => {
  await fleet.apply({ name: 'elder', model: 'other', selector: 'site.name == "alpha"' })
  const ask = { model: 'other', version: '1' }
  expect((await preview('true', ask)).refused.codes).toContainEqual({ code: 'model_owned', count: 3 })
  expect((await preview('true', { ...ask, deployment: 'elder' })).refused.codes).not.toContainEqual(
    expect.objectContaining({ code: 'model_owned' }),
  )
})

test('names are cut at the limit and found by a part of them; counts are exact', async () => {
  const cut = await preview('true', { limit: 2 })
  expect([cut.picked.count, names(cut.picked.devices)]).toEqual([6, ['device-0000', 'device-0001']])
  const found = await preview('site.name == "alpha"', { find: 'beta' })
  expect([found.picked.count, found.picked.devices.length, found.others.devices.length]).toEqual([3, 0, 4])
})

test.each([
  ['selector_invalid', 'site.city == "a"', {}],
  ['model_unknown', 'true', { model: 'nothing' }],
  ['version_unknown', 'true', { model: 'sensor', version: '9' }],
  ['alias_unknown', 'true', { model: 'sensor', version: '@best' }],
])('%s is said', async (code, selector, more) => {
  await expect(preview(selector, more)).rejects.toMatchObject({ code })
})

test('the values that the fleet has are told with how often, most frequent first', async () => {
  const { total, fields } = await fleetValues(fleet.store.db, fleet.organisationId, fleet.clock.ms)
  expect(total).toBe(7)
  const of = (field: string, key?: string) => fields.find((each) => each.field === field && each.key === key)?.values
  expect(of('site.name')).toEqual([
    { value: 'beta', count: 4 },
    { value: 'alpha', count: 3 },
  ])
  expect(of('device.labels', 'line')).toEqual([
    { value: '1', count: 3 },
    { value: '2', count: 3 },
    { value: 'x', count: 1 },
  ])
  expect(of('device.labels', 'team/owner')).toEqual([{ value: 'ot', count: 2 }])
  expect(of('device.capabilities')).toEqual([{ value: 'onnx', count: 7 }])
  expect(of('site.country')).toBeUndefined()
})

test(
  'ten thousand devices cost one walk over them, in which others have their turn',
  deep('ten thousand devices take seconds to add; the tests above preview the same in small'),
  async () => {
    await using large = await openFleet()
    await large.addVersion('sensor', 1)
    for (const line of ['1', '2', '3', '4']) await large.addDevices(2_500, { site: `plant-${line}`, labels: { line } })
    const question = { organisationId: large.organisationId, nowMs: large.clock.ms, version: 'latest', limit: 50 }
    const selector =
      'device.labels.line == "4" || (site.name == "plant-3" && device.cpus > 64) || device.name == "none"'
    const turns: number[] = []
    const timer = setInterval(() => turns.push(1), 0)
    large.counts.queries = 0
    const { picked, others } = await previewSelector(large.store.db, { ...question, model: 'sensor', selector })
    clearInterval(timer)
    expect([picked.count, picked.devices.length, others.count, others.devices.length]).toEqual([2_500, 50, 7_500, 50])
    expect(others.conditions).toEqual([
      { condition: 'device.labels.line == "4"', count: 7_500 },
      { condition: 'device.cpus > 64', count: 7_500 },
      { condition: 'device.name == "none"', count: 7_500 },
      { condition: 'site.name == "plant-3"', count: 5_000 },
    ])
    expect(large.counts.queries).toBeLessThan(50)
    expect(turns.length).toBeGreaterThan(5)
    const { total, fields } = await fleetValues(large.store.db, large.organisationId, large.clock.ms)
    const devices = fields.find(({ field }) => field === 'device.name')
    expect([total, devices?.values.length, devices?.omitted]).toEqual([10_000, 100, 9_900])
  },
)
