import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { RunnerCrash } from '@skerry/core/device/crash-blame'
import { stepKey } from '@skerry/core/device/device-plan'
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
const waits = { failed: vi.fn(), done: vi.fn(), until: vi.fn() }
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
  stuck: new Map(),
  clock: { nowMs: () => 2, monotonicMs: () => 2 },
  random: () => 0.5,
} as unknown as BlameDeps

beforeEach(() => {
  vi.clearAllMocks()
  waits.until.mockReturnValue(new Map())
  driver.unload.mockResolvedValue({ ok: true })
  lives = [lifeOf(loading, 3), lifeOf(proving, 5), lifeOf(proven, 6)]
})

test('a broken version that its driver cannot unload rests before the next attempt, and counts once', async () => {
  driver.loaded.mockReturnValue([
    { item: proving, problem: 'apt failed', cause: { code: 'os_install_failed', message: 'x' } },
  ])
  driver.unload.mockResolvedValue({ ok: false, code: 'os_return_failed', message: 'apt failed' })
  await noteBrokenSlots(deps)
  const unload = { kind: 'unload', item: proving } as const
  expect(waits.failed).toHaveBeenCalledWith(unload, undefined)
  waits.until.mockReturnValue(new Map([[stepKey(unload), 3]]))
  await noteBrokenSlots(deps)
  expect(driver.unload).toHaveBeenCalledOnce()
  waits.until.mockReturnValue(new Map([[stepKey(unload), 2]]))
  await noteBrokenSlots(deps)
  expect(driver.unload).toHaveBeenCalledTimes(2)
  expect(lives[1]?.suspicions).toBeUndefined()
})

const states = () => lives.map(({ state }) => state)
const crash = (kind: RunnerCrash['kind'], busyWith?: DesiredItem): RunnerCrash => ({
  kind,
  message: 'the runner ended',
  busyWith,
  running: [],
  loaded: lives.map(({ target }) => target).filter(({ name: model }) => model !== 'loading'),
})

test.each(['crashed', 'hung'] as const)('a runner that %s during a load blames the version that it loaded', (kind) => {
  noteRunnerEnd(crash(kind, loading), deps)
  expect(states()).toEqual(['failed', 'absent', 'active'])
  expect(lives[0]?.cause).toEqual({
    code: 'model_crashed',
    message: 'the runner ended while the version was in the state loading',
  })
  expect(lives[1]?.interruptions.probation).toBe(0)
})

test('a crash at another time blames the version on probation', () => {
  noteRunnerEnd(crash('crashed'), deps)
  expect(states()).toEqual(['absent', 'failed', 'active'])
})

test('a crash during a shadow blames the shadow, and not a version that is held ready', () => {
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

test('a crash while a proved version is loaded again blames no version, and the load is repeated later', () => {
  noteRunnerEnd(crash('crashed', proven), deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
  expect(waits.failed).toHaveBeenCalledWith({ kind: 'load', item: proven, isRestore: true })
})

test('a kill from outside interrupts activations, and a requested stop changes nothing', () => {
  noteRunnerEnd(crash('stopped'), deps)
  expect(states()).toEqual(['loading', 'probation', 'active'])
  noteRunnerEnd(crash('killed', loading), deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
})

test('a worker that broke fails its own version only', async () => {
  driver.loaded.mockReturnValue([
    { item: proving, problem: 'out of memory', stats: {}, servingSinceMs: 1 },
    { item: proven, problem: 'out of memory', stats: {}, servingSinceMs: 1 },
    { item: loading, stats: {} },
  ])
  await noteBrokenSlots(deps)
  expect(states()).toEqual(['loading', 'failed', 'active'])
  expect(driver.unload.mock.calls).toEqual([[proving], [proven]])
  // Only the version that comes back is announced.
  expect(driver.announce.mock.calls.map(([item]) => item)).toEqual([proven])
  expect(lives[2]?.suspicions).toMatchObject([{ count: 1, message: 'out of memory', isCertain: true }])
})

test('an idle version that broke is unloaded, and the serving version of its model goes on answering', async () => {
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

test('a process that the kernel killed blames no version, and each version comes back', async () => {
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
