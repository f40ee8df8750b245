import { type ItemEvent, type ItemLife, newItemLife, stepItem } from '@skerry/core/item-life'
import { buildDesiredItem } from '@skerry/testkit/desired-item'
import { beforeEach, expect, test, vi } from 'vitest'
import type { RunnerEnd } from '../runner/runner-process.ts'
import { type BlameDeps, noteBrokenSlots, noteRunnerEnd } from './runner-blame.ts'

const loading = buildDesiredItem({ model: 'loading', version: 1 })
const proving = buildDesiredItem({ model: 'proving', version: 2 })
const proven = buildDesiredItem({ model: 'proven', version: 3 })
const path: ItemEvent[] = (
  ['fetch-started', 'fetched', 'verified', 'loaded', 'golden-passed', 'probation-passed'] as const
).map((kind) => ({ kind }))
const lifeOf = (item: typeof loading, steps: number) =>
  path.slice(0, steps).reduce<ItemLife>((life, event) => stepItem(life, event, 1), newItemLife(item, 0))

let lives: ItemLife[]
const waits = { failed: vi.fn(), done: vi.fn(), until: () => new Map() }
const runner = { loaded: vi.fn(), unload: vi.fn() }
const deps = {
  store: {
    lives: () => lives,
    tell(item: typeof loading, event: ItemEvent) {
      lives = lives.map((life) => (life.target.model === item.model ? stepItem(life, event, 2) : life))
    },
  },
  waits,
  runner,
} as unknown as BlameDeps

beforeEach(() => {
  vi.clearAllMocks()
  lives = [lifeOf(loading, 3), lifeOf(proving, 5), lifeOf(proven, 6)]
})

const states = () => lives.map(({ state }) => state)
const end = (kind: RunnerEnd['kind']): RunnerEnd => ({ kind, message: 'the runner ended' })

test.each(['crashed', 'hung'] as const)('a runner that %s while it loaded is the fault of what it loaded', (kind) => {
  noteRunnerEnd({ end: end(kind), busyWith: loading }, deps)
  expect(states()).toEqual(['failed', 'absent', 'active'])
  expect(lives[0]?.cause).toEqual({
    code: 'model_crashed',
    message: 'the runner ended while the version was in loading',
  })
  expect(lives[1]?.interruptions.probation).toBe(1)
})

test('a crash at another time is the fault of what is on probation', () => {
  noteRunnerEnd({ end: end('crashed'), busyWith: undefined }, deps)
  expect(states()).toEqual(['absent', 'failed', 'active'])
})

test('a crash while a version was a shadow is its fault, and not that of one that waits to be let go', () => {
  const good = lifeOf(buildDesiredItem({ model: 'shadow', version: 1 }), 6)
  const next = (item: typeof loading) =>
    path.slice(0, 5).reduce<ItemLife>((life, event) => stepItem(life, event, 1), {
      ...stepItem(good, { kind: 'targeted', item }, 1),
    })
  lives = [
    next(buildDesiredItem({ model: 'shadow', version: 2, shadow: {} })),
    lifeOf(buildDesiredItem({ model: 'ready', version: 3, hold: true }), 5),
  ]
  expect(states()).toEqual(['shadow', 'ready'])
  noteRunnerEnd({ end: end('crashed'), busyWith: undefined }, deps)
  expect(states()).toEqual(['failed', 'absent'])
  expect(lives[0]?.cause?.message).toBe('the runner ended while the version was in shadow')
})

test('a crash while what has proved itself was loaded again blames nobody, and is not repeated at once', () => {
  noteRunnerEnd({ end: end('crashed'), busyWith: proven }, deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
  expect(waits.failed).toHaveBeenCalledWith({ kind: 'load', item: proven, isRestore: true })
})

test('a kill from outside cuts activations short, and a stop that was asked for means nothing', () => {
  noteRunnerEnd({ end: end('stopped'), busyWith: undefined }, deps)
  expect(states()).toEqual(['loading', 'probation', 'active'])
  noteRunnerEnd({ end: end('killed'), busyWith: loading }, deps)
  expect(states()).toEqual(['absent', 'absent', 'active'])
})

test('a worker that broke takes its version with it, and no other', async () => {
  runner.loaded.mockReturnValue([
    { item: proving, problem: 'out of memory', stats: {} },
    { item: proven, problem: 'out of memory', stats: {} },
    { item: loading, stats: {} },
  ])
  await noteBrokenSlots(deps)
  expect(states()).toEqual(['loading', 'failed', 'active'])
  expect(runner.unload.mock.calls).toEqual([[proving], [proven]])
})
