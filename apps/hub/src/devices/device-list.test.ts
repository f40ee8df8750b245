import type { DeviceReport } from '@skerry/contract/devices/device-report'
import { compileScope } from '@skerry/core/people/scope'
import { digestOf } from '@skerry/platform/files/hash'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { type DeviceWish, pickDevices } from './device-list.ts'
import { listedModels } from './device-standing.ts'
import { rememberedOn } from './remembered-store.ts'
import { hasFailed } from './retry-store.ts'

const board: Partial<DeviceReport['inventory']> = { arch: 'arm64', cpuModel: 'Cortex-A72' }

let fleet: SimulatedFleet

beforeAll(async () => {
  fleet = await openFleet()
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  const alpha = await fleet.addDevices(3, { site: 'alpha', labels: { line: '1' } })
  await fleet.addDevices(2, { site: 'beta', labels: { line: '2' }, inventory: board })
  await fleet.apply({ selector: 'site.name == "alpha"', version: '1', strategy: { waves: [] } })
  await fleet.report(alpha, () => 'active')
  await fleet.apply({ selector: 'site.name == "alpha"', version: '2', strategy: { waves: [] } })
  await fleet.report(alpha, (_item, { name }) => (name === 'device-0001' ? 'failed' : 'active'))
})
afterAll(() => fleet[Symbol.asyncDispose]())

const pick = (wish: Partial<DeviceWish>, from = fleet) =>
  pickDevices(from.store.db, {
    organisationId: from.organisationId,
    nowMs: from.clock.ms,
    hubs: new Set(),
    scope: undefined,
    limit: 100,
    ...wish,
  })
const names = async (filter: string, more: Partial<DeviceWish> = {}) =>
  (await pick({ filter, ...more })).map(({ row }) => row.name)

test.each([
  ['alpha', ['device-0000', 'device-0001', 'device-0002']],
  ['site:beta', ['device-0003', 'device-0004']],
  ['sensor', ['device-0000', 'device-0001', 'device-0002']],
  ['model:sensor:1', ['device-0001']],
  ['golden_mismatch', ['device-0001']],
  ['health:degraded', ['device-0001']],
  ['health:healthy beta', ['device-0003', 'device-0004']],
  ['line=2 cortex', ['device-0003', 'device-0004']],
  ['device-0004 arm64', ['device-0004']],
  ['site.name == "beta"', ['device-0003', 'device-0004']],
  ['nothing', []],
])('the filter %s finds its devices', async (filter, expected) => {
  expect(await names(filter)).toEqual(expected)
})

test('the cause of a failure finds its device also after an automatic rollback', async () => {
  await using undone = await openFleet()
  await undone.addVersion('sensor', 1)
  await undone.addVersion('sensor', 2)
  const devices = await undone.addDevices(2)
  await undone.apply({ version: '1', strategy: { waves: [] } })
  await undone.report(devices, () => 'active')
  await undone.apply({ version: '2', strategy: { waves: [], onFailure: 'rollback-all' } })
  await undone.report(devices, (_item, { name }) => (name === 'device-0001' ? 'failed' : 'active'))
  expect((await undone.rollout()).status).toBe('rolled-back')
  await undone.report(devices, () => 'active')
  const found = await pick({ filter: 'cause:golden_mismatch' }, undone)
  expect(found.map(({ row }) => row.name)).toEqual(['device-0001'])
  const remembered = await pick({ filter: 'failure:remembered' }, undone)
  expect(remembered.map(({ row }) => row.name)).toEqual(['device-0001'])
  expect(await pick({ filter: 'health:failed' }, undone)).toEqual([])
  expect(await pick({ filter: 'health:degraded' }, undone)).toEqual([])
})

test('a failure is remembered while its rollout is paused, and after a person has gone back', async () => {
  await using fleet = await openFleet()
  await fleet.addVersion('sensor', 1)
  await fleet.addVersion('sensor', 2)
  const devices = await fleet.addDevices(2)
  const remembered = async () => (await pick({ filter: 'failure:remembered' }, fleet)).map(({ row }) => row.name)
  await fleet.apply({ version: '1', strategy: { waves: [] } })
  await fleet.report(devices, () => 'active')
  await fleet.apply({ version: '2', strategy: { waves: [] } })
  await fleet.report(devices, (_item, { name }) => (name === 'device-0001' ? 'failed' : 'active'))
  expect([(await fleet.rollout()).status, await remembered()]).toEqual(['paused', ['device-0001']])
  await fleet.apply({ version: '1', strategy: { waves: [] } })
  await fleet.report(devices, () => 'active')
  expect([(await fleet.rollout()).status, await remembered()]).toEqual(['done', ['device-0001']])
  const { id: deploymentId } = await fleet.store.db.selectFrom('deployments').select('id').executeTakeFirstOrThrow()
  const retriable = devices.map(({ id }) => fleet.store.transaction((tx) => hasFailed(tx, id, deploymentId)))
  expect(await Promise.all(retriable), 'a retry makes the device forget it').toEqual([false, true])
  const shown = () => Promise.all(devices.map(({ id }) => rememberedOn(fleet.store.db, id)))
  const cause = { code: 'golden_mismatch', message: expect.any(String) }
  const failure = { name: 'sensor', version: 2, deployment: 'sensor', cause }
  expect(await shown(), 'the page of the device names it').toEqual([{}, { remembered: [failure] }])
  await fleet.addVersion('sensor', 3)
  await fleet.apply({ version: '3', strategy: { waves: [] } })
  await fleet.report(devices, () => 'active')
  expect(await remembered(), 'other versions do not end it').toEqual(['device-0001'])
  await fleet.apply({ version: '2', strategy: { waves: [] } })
  await fleet.report(devices, () => 'active')
  expect(await remembered(), 'it serves the version now').toEqual([])
  expect(await shown()).toEqual([{}, {}])
  await fleet.apply({ version: '3', strategy: { waves: [] } })
  await fleet.report(devices, () => 'active')
  expect(await remembered(), 'it served the version well').toEqual([])
})

test('a model with a version that no device has is an empty answer, unlike a field that does not exist', async () => {
  expect(await names('sensor:7')).toEqual([])
  await expect(names('memory:23')).rejects.toThrow(/devices have no field "memory".*The fields are name, site/)
})

test('a row names the build that serves', () => {
  const digest = digestOf('small')
  const model = { name: 'ocr', version: 2, state: 'active', serving: 2, servingDigest: digest } as const
  const { models } = listedModels([model], new Map([[digest, { recipe: 'float16' }]]))
  expect(models).toEqual([{ name: 'ocr', version: 2, state: 'active', serving: 2, build: 'float16' }])
})

test('filter, selector, site and scope must all fit', async () => {
  expect(await names('sensor', { selector: 'device.name != "device-0000"' })).toEqual(['device-0001', 'device-0002'])
  expect(await names('sensor', { site: 'beta' })).toEqual([])
  const scope = compileScope('device.name == "device-0002"')
  if (!('holds' in scope)) throw new Error(scope.message)
  expect(await names('sensor', { scope })).toEqual(['device-0002'])
})

test('pages of a filter follow each other without a gap, and hold one device more as a sign of the next page', async () => {
  const first = await pick({ filter: 'sensor', limit: 2 })
  expect(first.map(({ row }) => row.name)).toEqual(['device-0000', 'device-0001', 'device-0002'])
  expect(await names('sensor', { limit: 2, after: 'device-0001' })).toEqual(['device-0002'])
})

test('a row has health and models, failed ones first', async () => {
  const [row] = await pick({ filter: 'device-0001' })
  expect(row?.standing).toMatchObject({
    health: 'degraded',
    models: [{ name: 'sensor', version: 2, state: 'failed', serving: 1, cause: 'golden_mismatch' }],
  })
  const many = Array.from({ length: 9 }, (_, index) => ({ name: `m${index}`, version: 1, state: 'active' as const }))
  const { models, modelCount } = listedModels(
    [...many, { name: 'z', version: 1, state: 'failed', cause: 'late' }],
    new Map(),
  )
  expect([modelCount, models.length, models[0]]).toEqual([10, 8, { name: 'z', version: 1, state: 'failed' }])
})

test.each([
  ['filter_invalid', { filter: 'modell:sensor' }],
  ['filter_invalid', { filter: 'memory:23' }],
  ['filter_invalid', { filter: 'site.name = "beta"' }],
  ['selector_invalid', { selector: 'site.city == "a"' }],
])('the list rejects with %s', async (code, wish) => {
  await expect(pick(wish)).rejects.toMatchObject({ code })
})

test('words about own fields cost no query for models of other devices', async () => {
  const queriesOf = async (filter: string) => {
    fleet.counts.queries = 0
    fleet.counts.rows = 0
    await pick({ filter })
    return { ...fleet.counts }
  }
  const own = await queriesOf('site:beta')
  const standing = await queriesOf('health:degraded')
  expect(own.queries).toBe(2)
  expect(standing.queries).toBe(2)
})

test(
  'a filter over ten thousand devices costs two queries for each piece, and others are served in between',
  deep('ten thousand devices take seconds to add; the tests above filter a few'),
  async () => {
    await using large = await openFleet()
    for (const line of ['1', '2', '3', '4']) await large.addDevices(2_500, { site: `plant-${line}`, labels: { line } })
    const turns: number[] = []
    const timer = setInterval(() => turns.push(1), 0)
    for (const filter of ['health:failed', 'device-9999', 'site.name == "nowhere"', 'site:nowhere']) {
      large.counts.queries = 0
      turns.length = 0
      expect((await pick({ filter }, large)).length, filter).toBeLessThan(2)
      expect(large.counts.queries, filter).toBeLessThan(45)
      expect(turns.length, filter).toBeGreaterThan(5)
    }
    clearInterval(timer)
    large.counts.queries = 0
    expect(await pick({ filter: 'plant', limit: 500 }, large)).toHaveLength(501)
    expect(large.counts.queries).toBeLessThan(5)
  },
)
