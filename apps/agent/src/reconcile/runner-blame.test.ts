import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import { type ItemEvent, type ItemLife, newItemLife, stepItem } from '@skerry/core/device/item-life'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { beforeEach, expect, test, vi } from 'vitest'
import { type BlameDeps, noteBrokenSlots, noteRunnerEnd } from './runner-blame.ts'

const loading = buildDesiredItem({ name: 'loading', version: 1 })
const proving = buildDesiredItem({ name: 'proving', version: 2 })
const proven = buildDesiredItem({ name: 'proven', version: 3 })
const path: ItemEvent[] = (
  ['fetch-started', 'fetched', 'verified', 'loaded', 'golden-passed', 'probation-passed'] as const
).map((kind) => ({ kind }))
const lifeOf = (item: typeof loading, steps: number) =>
  path.slice(0, steps).reduce<ItemLife>((life, event) => stepItem(life, event, 1), newItemLife(item, 0))

let lives: ItemLife[]
const waits = { failed: vi.fn(), done: vi.fn(), until: () => new Map() }
const driver = { loaded: vi.fn(), unload: vi.fn(), announce: vi.fn() }
const deps = {
  store: {
    lives: () => lives,
    tell(item: typeof loading, event: ItemEvent) {
      lives = lives.map((life) => (life.target.name === item.name ? stepItem(life, event, 2) : life))
      return lives.find((life) => life.target.name === item.name)
    },
  },
  waits,
  drivers: { model: driver },
  clock: { nowMs: () => 2 },
  random: () => 0.5,
} as unknown as BlameDeps

beforeEach(() => {
  vi.clearAllMocks()
  lives = [lifeOf(loading, 3), lifeOf(proving, 5), lifeOf(proven, 6)]
})

const states = () => lives.map(({ state }) => state)
const crash = (kind: RunnerCrash['kind'], busyWith?: DesiredItem): RunnerCrash => ({
  kind,
  message: 'the runner ended',
  busyWith,
  running: [],
  loaded: lives.map(({ target }) => target).filter(({ name: model }) => model !== 'loading'),
})

test.each(['crashed', 'hung'] as const)('a runner that %s while it loaded is the fault of what it loaded', (kind) => {
  noteRunnerEnd(crash(kind, loading), deps)
  expect(states()).toEqual(['failed', 'absent', 'active'])
  expect(lives[0]?.cause).toEqual({
    code: 'model_crashed',
    message: 'the runner ended while the version was in the state loading',
  })
  expect(lives[1]?.interruptions.probation).toBe(0)
})

test('a crash at another time is the fault of what is on probation', () => {
  noteRunnerEnd(crash('crashed'), deps)
  expect(states()).toEqual(['absent', 'failed', 'active'])
})

test('a crash while a version was a shadow is its fault, and not that of one that waits to be let go', () => {
  const good = lifeOf(buildDesiredItem({ name: 'shadow', version: 1 }), 6)
  const next = (item: typeof loading) =>
    path.slice(0, 5).reduce<ItemLife>((life, event) => stepItem(life, event, 1), {
      ...stepItem(good, { kind: 'targeted', item }, 1),
    })
  lives = [
    next(buildDesiredItem({ name: 'shadow', version: 2, shadow: {} })),
    lifeOf(buildDesiredItem({ name: 'ready', version: 3, hold: true }), 5),
  ]
  expect(states()).toEqual(['shadow', 'ready'])
  noteRunnerEnd(crash('crashed'), deps)
  expect(states()).toEqual(['failed', 'absent'])
  expect(lives[0]?.cause?.message).toBe('the runner ended while the version was in the state shadow')
})

test('a crash while what has proved itself was loaded again blames nobody, and is not repeated at once', () => {
  noteRunnerEnd(crash('crashed', proven), deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
  expect(waits.failed).toHaveBeenCalledWith({ kind: 'load', item: proven, isRestore: true })
})

test('a kill from outside cuts activations short, and a stop that was asked for means nothing', () => {
  noteRunnerEnd(crash('stopped'), deps)
  expect(states()).toEqual(['loading', 'probation', 'active'])
  noteRunnerEnd(crash('killed', loading), deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
})

test('a worker that broke takes its version with it, and no other', async () => {
  driver.loaded.mockReturnValue([
    { item: proving, problem: 'out of memory', stats: {}, servingSinceMs: 1 },
    { item: proven, problem: 'out of memory', stats: {}, servingSinceMs: 1 },
    { item: loading, stats: {} },
  ])
  await noteBrokenSlots(deps)
  expect(states()).toEqual(['loading', 'failed', 'active'])
  expect(driver.unload.mock.calls).toEqual([[proving], [proven]])
  // Only the one that comes back is worth waiting for.
  expect(driver.announce.mock.calls.map(([item]) => item)).toEqual([proven])
  expect(lives[2]?.suspicions).toMatchObject([{ count: 1, message: 'out of memory', isCertain: true }])
})

test('an idle version that broke is unloaded, and the one that serves its model goes on answering', async () => {
  const next = buildDesiredItem({ name: 'proven', version: 4 })
  lives = [
    path.slice(0, 5).reduce<ItemLife>((life, event) => stepItem(life, event, 1), {
      ...stepItem(lifeOf(proven, 6), { kind: 'targeted', item: next }, 1),
    }),
  ]
  driver.loaded.mockReturnValue([
    { item: next, stats: {}, servingSinceMs: 1 },
    { item: proven, problem: 'it crashed', stats: {} },
  ])
  await noteBrokenSlots(deps)
  expect(states()).toEqual(['probation'])
  expect(driver.unload.mock.calls).toEqual([[proven]])
  expect(driver.announce).not.toHaveBeenCalled()
  expect(lives[0]?.suspicions).toMatchObject([{ digest: proven.digest }])
})

test('a process that the kernel killed is held against no version, and each comes back', async () => {
  const problem = "the model's process crashed (SIGKILL)"
  driver.loaded.mockReturnValue([
    { item: proving, problem, stats: {}, servingSinceMs: 1 },
    { item: proven, problem, stats: {}, servingSinceMs: 1 },
  ])
  await noteBrokenSlots(deps)
  expect(states()).toEqual(['loading', 'absent', 'active'])
  expect(lives[1]).toMatchObject({ failures: [], interruptions: { probation: 1 } })
  expect(lives.map(({ suspicions }) => suspicions)).toEqual([undefined, undefined, undefined])
  expect(driver.unload.mock.calls).toEqual([[proving], [proven]])
  expect(driver.announce.mock.calls.map(([item]) => item)).toEqual([proven])
})
