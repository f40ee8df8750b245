import type { DesiredItem } from '@skerry/contract/devices/desired'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, test, vi } from 'vitest'
import type { Loaded } from '../runner/runner-slot.ts'
import type { Driver } from './driver.ts'
import { driverFacts, driverOf, loadedBy, openDrivers, sameDriver } from './drivers.ts'

const model = buildDesiredItem({ name: 'anomaly', version: 1 })
const file = (path: string) => ({ ...(model.files[0] as (typeof model.files)[number]), path })
const flow = buildDesiredItem({ kind: 'flow', name: 'pump', version: 2 })
const loaded = (item: DesiredItem): Loaded => ({ item, stats: { requests: 0, failures: 0 } })
const done = { ok: true } as const

/** A driver without a runtime: the agent itself holds the versions. */
function driverInAgent(): Driver {
  const held = new Map<string, Loaded>()
  return {
    loaded: () => [...held.values()],
    async load(item) {
      held.set(item.digest, loaded(item))
      return done
    },
    activate: async () => done,
    async unload({ digest }) {
      held.delete(digest)
      return done
    },
    deactivate: async () => done,
  }
}

function runnerDrivers(slots: () => readonly Loaded[] | undefined) {
  const runner = {
    loaded: slots,
    trouble: () => undefined,
    load: vi.fn(async () => done),
    golden: vi.fn(async () => done),
    mirror: vi.fn(async () => done),
    activate: vi.fn(async () => done),
    expect: vi.fn(async () => done),
    unload: vi.fn(async () => done),
    forget: vi.fn(async () => done),
  }
  const files = {
    withModel: <T>(_: object, work: (source: { modelPath: string }) => Promise<T>) => work({ modelPath: '/m' }),
    withOwnFiles: <T>(_: object, work: (source: { modelPath: string }) => Promise<T>) => work({ modelPath: '/own' }),
    withFile: <T>(
      _: object,
      path: string,
      work: (file: { name: string; path: string; seal: undefined }) => Promise<T>,
    ) => work({ name: path, path: `/${path}`, seal: undefined }),
    withFiles: <T>(_: object, work: (files: []) => Promise<T>) => work([]),
    hasRoomFor: async () => true,
    withGolden: <T>(_: object, work: (golden: undefined) => Promise<T>) => work(undefined),
  }
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const { signal } = new AbortController()
  const place = { data: '/data', engineSocket: '/nowhere/engine.sock', onChange() {} }
  const ground = { ...place, fileSystem: nodeFileSystem, clock: systemClock, log, signal }
  return { runner, drivers: openDrivers({ runner, files, ...ground }) }
}

test('each driver of the runner knows the versions of its own kind', () => {
  const { drivers } = runnerDrivers(() => [loaded(model), loaded(flow)])
  expect(
    driverOf(drivers, model)
      .loaded()
      ?.map(({ item }) => item.name),
  ).toEqual(['anomaly'])
  expect(
    driverOf(drivers, flow)
      .loaded()
      ?.map(({ item }) => item.name),
  ).toEqual(['pump'])
  expect(loadedBy(drivers)).toHaveLength(2)
})

test('while the runner is not ready, its kinds wait and another driver goes on', () => {
  const { drivers: all } = runnerDrivers(() => undefined)
  // The driver of data works in the agent itself, so it is always ready.
  expect(loadedBy(all)).toEqual([])
  const drivers = { ...all, data: all.model }
  expect(loadedBy(drivers)).toBeUndefined()
  const here = driverInAgent
  const mixed = {
    ...drivers,
    flow: here(),
    app: here(),
    agent: here(),
    os: here(),
    gguf: here(),
    data: here(),
    system: here(),
  }
  expect(loadedBy(mixed)).toEqual([])
  expect([...(driverFacts(mixed).machine.unready ?? [])]).toEqual(['model', 'served', 'chat', 'hosted'])
})

test('a driver outside the runner loads and unloads, and is counted once for all its kinds', async () => {
  const drivers = sameDriver(driverInAgent())
  await driverOf(drivers, flow).load(flow, 'shared', AbortSignal.timeout(1_000))
  expect(loadedBy(drivers)).toHaveLength(1)
  await driverOf(drivers, flow).unload(flow)
  expect(loadedBy(drivers)).toEqual([])
  expect(driverFacts(drivers)).toEqual({ loaded: [], machine: { unready: new Set() } })
})

test('the runner gets the files from which the kind is loaded', async () => {
  const { runner, drivers } = runnerDrivers(() => [])
  const { signal } = new AbortController()
  for (const item of [model, flow]) expect(await driverOf(drivers, item).load(item, 'shared', signal)).toEqual(done)
  expect(runner.load.mock.calls).toEqual([
    [model, { kind: 'model', files: { modelPath: '/m' } }, 'shared'],
    [flow, { kind: 'flow', files: { name: FLOW_PATH, path: `/${FLOW_PATH}`, seal: undefined } }, 'shared'],
  ])
})

test('a version without the file of its kind fails alone, and the runner gets no order for it', async () => {
  const { runner, drivers } = runnerDrivers(() => [])
  const { signal } = new AbortController()
  const answer = await drivers.model.load({ ...model, files: [file('other.bin')] }, 'shared', signal)
  expect(answer).toMatchObject({ ok: false, code: 'model_load_failed', message: `the version has no ${MODEL_PATH}` })
  expect(runner.load).not.toHaveBeenCalled()
})

test('only models have clients and shadows', () => {
  const { drivers } = runnerDrivers(() => [])
  expect([drivers.model.announce, drivers.model.mirror]).not.toContain(undefined)
  expect([drivers.flow.announce, drivers.flow.mirror]).toEqual([undefined, undefined])
})
