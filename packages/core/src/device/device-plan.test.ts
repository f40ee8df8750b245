import type { DesiredItem } from '@skerry/contract/devices/desired'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/simulation/desired-item'
import { WRONG_ANSWERS as cause, simulateDevice } from '@skerry/testkit/simulation/simulated-device'
import { expect, test } from 'vitest'
import { type PlanStep, planDevice, stepKey } from './device-plan.ts'

const v = (version: number, more: Partial<Parameters<typeof buildDesiredItem>[0]> = {}) =>
  buildDesiredItem({ version, ...more })

const ready = (...items: DesiredItem[]) => {
  const device = simulateDevice()
  device.facts.wanted = items
  device.settle()
  return device
}

test('a first version goes through each step from absent to serving', () => {
  const device = simulateDevice()
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [], holds: new Map() })
  device.facts.wanted = [v(1)]
  expect(device.settle()).toEqual([
    'target',
    'begin',
    'fetch',
    'fetched',
    'verify',
    'load',
    'golden',
    'switch',
    'commit',
  ])
  expect(device.serving()).toEqual([1])
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [], holds: new Map() })
})

test('a new version is loaded beside the old one, which is unloaded when the new one is proven', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  expect(device.settle()).toEqual([
    'target',
    'begin',
    'fetch',
    'fetched',
    'verify',
    'load',
    'golden',
    'switch',
    'commit',
    'unload',
  ])
  expect(device.serving()).toEqual([2])
  expect([...device.facts.blobs.keys()], 'the version before stays on disk').toEqual([
    fakeDigest(1001),
    fakeDigest(1002),
  ])
  device.facts.wanted = [v(3)]
  device.settle()
  expect([...device.facts.blobs.keys()]).toEqual([fakeDigest(1002), fakeDigest(1003)])
})

test('a device without an intent deletes no files', () => {
  const device = ready(v(1))
  device.facts.lives = []
  device.facts.loaded = []
  const { wanted: _, ...withoutIntent } = device.read()
  expect(planDevice(withoutIntent)).toEqual({ act: [], fetch: [], holds: new Map() })
  device.facts.wanted = [v(1)]
  expect(device.settle(), 'and fetches nothing again').not.toContain('collect')
  expect(device.serving()).toEqual([1])
})

test('the last good version keeps serving if a new one fails its golden inputs', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.settle(new Set([2]))
  expect(device.serving()).toEqual([1])
  expect(device.facts.loaded?.length, 'the failed one is out of memory').toBe(1)
  expect(device.facts.lives[0]).toMatchObject({ state: 'failed', cause })
})

test('a failed probation rolls back to the last good version, without another attempt', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  while (device.serving()[0] !== 2) device.execute(device.next() as PlanStep)
  device.facts.loaded = device.facts.loaded?.map((loaded) =>
    loaded.item.version === 2 ? { ...loaded, stats: { requests: 20, failures: 20 } } : loaded,
  )
  expect(device.settle()).toEqual(['return', 'switch', 'unload'])
  expect(device.serving()).toEqual([1])
  expect(device.facts.lives[0]?.cause?.code).toBe('probation_failed')
})

test('a version that fails its probation without a predecessor stops serving', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1)]
  while (device.serving().length === 0) device.execute(device.next() as PlanStep)
  device.facts.loaded = device.facts.loaded?.map((loaded) => ({ ...loaded, stats: { requests: 20, failures: 20 } }))
  expect(device.settle()).toEqual(['return', 'unload'])
})

test('after a start, a proven version is loaded and serves before any other step', () => {
  const device = ready(v(1))
  device.facts.loaded = []
  device.facts.wanted = undefined
  expect(device.settle()).toEqual(['load', 'switch'])
  device.facts.loaded = []
  device.facts.wanted = [v(2)]
  expect(device.settle().slice(0, 3)).toEqual(['target', 'load', 'switch'])
})

test('while the runner is down, a device downloads but loads nothing', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1)]
  device.facts.loaded = undefined
  expect(device.settle()).toEqual(['target', 'begin', 'fetch', 'fetched', 'verify'])
})

test('while the runner is down, a device runs only steps that need no runner', () => {
  const device = ready(v(1))
  device.facts.loaded = undefined
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [], holds: new Map() })
  device.facts.wanted = []
  expect(device.settle()).toEqual(['retire', 'forget', 'collect'])
})

test.each(['golden', 'probation'] as const)(
  'a version in %s that the runner has lost waits for its crash report',
  (state) => {
    const device = simulateDevice()
    device.facts.wanted = [v(1)]
    while (device.facts.lives[0]?.state !== state) device.execute(device.next() as PlanStep)
    device.facts.loaded = []
    expect(planDevice(device.read())).toEqual({ act: [], fetch: [], holds: new Map() })
  },
)

test('an old version serves until the target is loaded', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.settle()
  device.facts.loaded = [{ item: v(1), servingSinceMs: 0, stats: { requests: 0, failures: 0 } }]
  expect(device.settle()).toEqual(['load', 'switch', 'unload'])
})

test('only the newest intent is executed', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.execute(device.next() as PlanStep)
  device.execute(device.next() as PlanStep)
  expect(planDevice(device.read()).fetch).toHaveLength(1)
  device.facts.wanted = [v(3)]
  expect(planDevice(device.read())).toEqual({ act: [{ kind: 'target', item: v(3) }], fetch: [], holds: new Map() })
})

test('an unwanted item is drained, forgotten and deleted, and an unknown one is unloaded', () => {
  const device = ready(v(1), v(7, { name: 'other' }))
  device.facts.wanted = [v(7, { name: 'other' })]
  expect(device.settle()).toEqual(['retire', 'unload', 'forget', 'collect'])
  expect(device.serving('other')).toEqual([7])
  const stranger = { item: v(9, { name: 'stranger' }), stats: { requests: 0, failures: 0 } }
  device.facts.loaded = [...(device.facts.loaded ?? []), stranger]
  expect(device.settle()).toEqual(['unload'])
})

test('a lost file of the last good version is downloaded again, for any intent', () => {
  const device = ready(v(1))
  device.facts.loaded = []
  device.facts.blobs.clear()
  expect(planDevice(device.read()).fetch).toEqual([{ kind: 'fetch', item: v(1), files: v(1).files, isRestore: true }])
  expect(device.settle()).toEqual(['fetch', 'load', 'switch'])
})

test('a waiting step blocks no other model or step, and is due again later', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1), v(2, { name: 'other' })]
  device.settle(new Set())
  device.facts.wanted = [v(3), v(4, { name: 'other' })]
  for (let count = 0; count < 4; count++) device.execute(device.next() as PlanStep)
  const [first, second] = planDevice(device.read()).fetch
  expect([first?.item.name, second?.item.name]).toEqual(['m', 'other'])
  device.facts.waits.set(stepKey(first as PlanStep), device.facts.nowMs + 50)
  const plan = planDevice(device.read())
  expect(plan.fetch.map(({ item }) => item.name)).toEqual(['other'])
  expect(plan.wakeMs).toBe(device.facts.nowMs + 50)
  device.settle()
  expect([device.serving('m'), device.serving('other')]).toEqual([[3], [4]])
})

test('a device makes room by deleting the older good version, and otherwise waits for room', () => {
  const device = ready(v(1, { sizeBytes: 400 }))
  device.facts.wanted = [v(2, { sizeBytes: 400 })]
  device.settle()
  device.facts.freeBytes = 1_200
  device.facts.wanted = [v(3, { sizeBytes: 500 })]
  const done = device.settle()
  expect(done.slice(0, 3)).toEqual(['target', 'collect', 'begin'])
  expect([...device.facts.blobs.keys()]).toEqual([fakeDigest(1002), fakeDigest(1003)])
  device.facts.wanted = [v(4, { sizeBytes: 5_000 })]
  expect(device.settle()).toEqual(['target'])
  expect(planDevice(device.read()).holds.get('m')?.cause.code).toBe('disk_insufficient')
  expect(device.serving()).toEqual([3])
  // Room heals it, without a retry.
  device.facts.freeBytes = 10_000
  expect(device.settle()).toContain('commit')
  expect(device.serving()).toEqual([4])
})

test('bytes of a partial download need no additional room', () => {
  const device = simulateDevice()
  device.facts.freeBytes = 1_200
  device.facts.parts.set(fakeDigest(1001), 700)
  device.facts.wanted = [v(1, { sizeBytes: 800 })]
  device.execute(device.next() as PlanStep)
  expect(device.next()?.kind).toBe('begin')
})

test('a shadow is compared beside the serving version, and then continues its update', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2, { shadow: { seconds: 30 } })]
  const before = device.facts.nowMs
  expect(device.settle().slice(-5)).toEqual(['shadow', 'shadowed', 'switch', 'commit', 'unload'])
  expect(device.facts.nowMs - before).toBe(40_000)
  expect(device.serving()).toEqual([2])
  device.facts.wanted = [v(3, { shadow: {} })]
  expect(device.settle(new Set([-3])).slice(-3)).toEqual(['shadow', 'return', 'unload'])
  expect([device.serving(), device.facts.lives[0]?.cause?.code]).toEqual([[2], 'shadow_mismatch'])
})

test('a shadow waits for the serving version, and restarts its mirror when the share changes', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2, { shadow: {}, hold: true })]
  expect(device.settle().slice(-2)).toEqual(['shadow', 'shadowed'])
  expect([device.serving(), device.facts.loaded?.length]).toEqual([[1], 2])
  device.facts.wanted = [v(2, { shadow: { share: 0.5 }, hold: true })]
  expect(device.settle()).toEqual(['target', 'shadow'])
  device.facts.loaded = []
  device.tellAll({ kind: 'interrupted' })
  const steps = device.settle()
  expect(steps.indexOf('switch')).toBeLessThan(steps.indexOf('shadow'))
  device.facts.wanted = [v(2)]
  expect(device.settle()).toEqual(['target', 'shadowed', 'switch', 'commit', 'unload'])
})

test('a held version is loaded and checked, serves no requests, and switches in one step on release', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2, { hold: true })]
  expect(device.settle().at(-1)).toBe('golden')
  expect([device.serving(), device.facts.lives[0]?.state]).toEqual([[1], 'ready'])
  device.facts.wanted = [v(2)]
  expect(device.settle()).toEqual(['target', 'release', 'switch', 'commit', 'unload'])
  expect(device.serving()).toEqual([2])
})

test('a version must fit in memory beside the serving version, even if that one is not loaded', () => {
  const device = ready(v(1, { sizeBytes: 600 }))
  device.facts.memoryAvailableBytes = 1_000
  device.facts.loaded = []
  device.facts.wanted = [v(2, { sizeBytes: 600, hold: true })]
  device.execute(device.next() as PlanStep)
  const facts = { ...device.read(), waits: new Map([[`load m ${fakeDigest(1)}`, 1e9]]) }
  expect(planDevice(facts)).toMatchObject({ act: [] })
  expect(planDevice(facts).holds.get('m')?.cause.code).toBe('memory_insufficient')
  // No wait for memory that the machine never has.
  const small = planDevice({ ...facts, machine: { memoryTotalBytes: 599 } })
  expect(small.act[0]).toMatchObject({ kind: 'refuse', cause: { code: 'memory_insufficient' } })
  device.settle()
  expect(device.facts.lives[0]?.state).toBe('ready')
})

test('a version waits for a runner that cannot start, over any number of restarts', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1)]
  device.facts.loaded = undefined
  const runnerTrouble = { code: 'port_in_use', message: 'another program listens' }
  device.facts.machine = { troubles: new Map([['model', runnerTrouble]]) }
  expect(device.settle().at(-1)).toBe('defer')
  expect(planDevice(device.read()).holds.get('m')).toEqual({ cause: runnerTrouble })
  for (let count = 0; count < 9; count++) {
    device.tellAll({ kind: 'interrupted' })
    expect(device.settle()).toEqual([])
  }
  device.facts.loaded = []
  delete device.facts.machine
  expect(device.settle()).toEqual(['resume', 'verify', 'load', 'golden', 'switch', 'commit'])
})

test('the previous version stays loaded for the requested time, and a rollback takes one step', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2, { keepSeconds: 60, probation: { seconds: 0 } })]
  const next = () => {
    const step = device.next()
    if (step) device.execute(step)
    return step?.kind
  }
  while (next()) {}
  expect([device.serving(), device.facts.loaded?.length]).toEqual([[2], 2])
  device.facts.wanted = [v(1)]
  expect(device.settle()).toEqual(['target', 'switch', 'unload'])
  expect([device.serving(), device.facts.lives[0]?.state, device.facts.lives[0]?.lastGood?.version]).toEqual([
    [1],
    'active',
    1,
  ])

  device.facts.wanted = [v(2, { keepSeconds: 60, probation: { seconds: 0 } })]
  expect(device.settle().at(-1), 'after its time it is unloaded').toBe('unload')
  device.facts.wanted = [v(1)]
  expect(device.settle(), 'and proves itself again').toContain('golden')
})
