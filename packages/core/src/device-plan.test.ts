import type { DesiredItem } from '@skerry/contract/desired'
import { buildDesiredItem, fakeDigest } from '@skerry/testkit/desired-item'
import { WRONG_ANSWERS as cause, type SimulatedDevice, simulateDevice } from '@skerry/testkit/simulated-device'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertNever } from './assert-never.ts'
import { planDevice, type Step, stepKey } from './device-plan.ts'
import { type ItemLife, isSameLoad, servedBy } from './item-life.ts'

const v = (version: number, more: Partial<Parameters<typeof buildDesiredItem>[0]> = {}) =>
  buildDesiredItem({ version, ...more })

const ready = (...items: DesiredItem[]) => {
  const device = simulateDevice()
  device.facts.wanted = items
  device.settle()
  return device
}

test('takes a first version from nothing to serving, one step after the other', () => {
  const device = simulateDevice()
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [] })
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
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [] })
})

test('loads a new version beside the old one, and throws the old one out of memory when the new one has proved itself', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  expect(device.settle()).toEqual([
    ...['target', 'begin', 'fetch', 'fetched', 'verify', 'load', 'golden', 'switch', 'commit', 'unload'],
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

test('keeps serving the last good version when a new one fails its golden inputs', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.settle(new Set([2]))
  expect(device.serving()).toEqual([1])
  expect(device.facts.loaded?.length, 'the failed one is out of memory').toBe(1)
  expect(device.facts.lives[0]).toMatchObject({ state: 'failed', cause })
})

test('goes back to the last good version when probation fails, and does not try again', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  while (device.serving()[0] !== 2) device.execute(device.next() as Step)
  device.facts.loaded = device.facts.loaded?.map((loaded) =>
    loaded.item.version === 2 ? { ...loaded, stats: { requests: 20, failures: 20 } } : loaded,
  )
  expect(device.settle()).toEqual(['return', 'switch', 'unload'])
  expect(device.serving()).toEqual([1])
  expect(device.facts.lives[0]?.cause?.code).toBe('probation_failed')
})

test('a version that failed its probation and has no predecessor stops serving', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1)]
  while (device.serving().length === 0) device.execute(device.next() as Step)
  device.facts.loaded = device.facts.loaded?.map((loaded) => ({ ...loaded, stats: { requests: 20, failures: 20 } }))
  expect(device.settle()).toEqual(['return', 'unload'])
})

test('after a start, what proved itself is loaded and serves before anything else is done', () => {
  const device = ready(v(1))
  device.facts.loaded = []
  device.facts.wanted = undefined
  expect(device.settle()).toEqual(['load', 'switch'])
  device.facts.loaded = []
  device.facts.wanted = [v(2)]
  expect(device.settle().slice(0, 3)).toEqual(['target', 'load', 'switch'])
})

test('while the runner is down it fetches, and loads nothing', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1)]
  device.facts.loaded = undefined
  expect(device.settle()).toEqual(['target', 'begin', 'fetch', 'fetched', 'verify'])
})

test('while the runner is down, no state asks it for anything, and what needs no runner goes on', () => {
  const device = ready(v(1))
  device.facts.loaded = undefined
  expect(planDevice(device.read())).toEqual({ act: [], fetch: [] })
  device.facts.wanted = []
  expect(device.settle()).toEqual(['retire', 'forget', 'collect'])
})

test.each(['golden', 'probation'] as const)(
  'a version in %s that the runner has lost waits for word of what that means',
  (state) => {
    const device = simulateDevice()
    device.facts.wanted = [v(1)]
    while (device.facts.lives[0]?.state !== state) device.execute(device.next() as Step)
    device.facts.loaded = []
    expect(planDevice(device.read())).toEqual({ act: [], fetch: [] })
  },
)

test('an old version answers until the one that should is there', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.settle()
  device.facts.loaded = [{ item: v(1), servingSinceMs: 0, stats: { requests: 0, failures: 0 } }]
  expect(device.settle()).toEqual(['load', 'switch', 'unload'])
})

test('only the newest intent is worked on', () => {
  const device = ready(v(1))
  device.facts.wanted = [v(2)]
  device.execute(device.next() as Step)
  device.execute(device.next() as Step)
  expect(planDevice(device.read()).fetch).toHaveLength(1)
  device.facts.wanted = [v(3)]
  expect(planDevice(device.read())).toEqual({ act: [{ kind: 'target', item: v(3) }], fetch: [] })
})

test('what is no longer wanted is drained, forgotten and collected; what nobody knows is unloaded', () => {
  const device = ready(v(1), v(7, { model: 'other' }))
  device.facts.wanted = [v(7, { model: 'other' })]
  expect(device.settle()).toEqual(['retire', 'unload', 'forget', 'collect'])
  expect(device.serving('other')).toEqual([7])
  const stranger = { item: v(9, { model: 'stranger' }), stats: { requests: 0, failures: 0 } }
  device.facts.loaded = [...(device.facts.loaded ?? []), stranger]
  expect(device.settle()).toEqual(['unload'])
})

test('a file of the last good version that was lost is fetched again, whatever else is wanted', () => {
  const device = ready(v(1))
  device.facts.loaded = []
  device.facts.blobs.clear()
  expect(planDevice(device.read()).fetch).toEqual([{ kind: 'fetch', item: v(1), files: v(1).files, isRestore: true }])
  expect(device.settle()).toEqual(['fetch', 'load', 'switch'])
})

test('a step that waits holds up neither other models nor other work, and is asked for again in time', () => {
  const device = simulateDevice()
  device.facts.wanted = [v(1), v(2, { model: 'other' })]
  device.settle(new Set())
  device.facts.wanted = [v(3), v(4, { model: 'other' })]
  for (let count = 0; count < 4; count++) device.execute(device.next() as Step)
  const [first, second] = planDevice(device.read()).fetch
  expect([first?.item.model, second?.item.model]).toEqual(['m', 'other'])
  device.facts.waits.set(stepKey(first as Step), device.facts.nowMs + 50)
  const plan = planDevice(device.read())
  expect(plan.fetch.map(({ item }) => item.model)).toEqual(['other'])
  expect(plan.wakeMs).toBe(device.facts.nowMs + 50)
  device.settle()
  expect([device.serving('m'), device.serving('other')]).toEqual([[3], [4]])
})

test('makes room by collecting the version before the last good one, and refuses what does not fit even so', () => {
  const device = ready(v(1, { sizeBytes: 400 }))
  device.facts.wanted = [v(2, { sizeBytes: 400 })]
  device.settle()
  device.facts.freeBytes = 1_200
  device.facts.wanted = [v(3, { sizeBytes: 500 })]
  const done = device.settle()
  expect(done.slice(0, 3)).toEqual(['target', 'collect', 'begin'])
  expect([...device.facts.blobs.keys()]).toEqual([fakeDigest(1002), fakeDigest(1003)])
  device.facts.wanted = [v(4, { sizeBytes: 5_000 })]
  expect(device.settle()).toEqual(['target', 'refuse'])
  expect(device.facts.lives[0]?.cause?.code).toBe('disk_insufficient')
  expect(device.serving()).toEqual([3])
})

test('bytes of a part that is there already need no room', () => {
  const device = simulateDevice()
  device.facts.freeBytes = 1_200
  device.facts.parts.set(fakeDigest(1001), 700)
  device.facts.wanted = [v(1, { sizeBytes: 800 })]
  device.execute(device.next() as Step)
  expect(device.next()?.kind).toBe('begin')
})

const anyWish = fc.array(
  fc.tuple(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 1 })),
  { maxLength: 2 },
)
const anyTrouble = fc.oneof(
  { weight: 10, arbitrary: fc.constant({ kind: 'work' as const }) },
  { weight: 2, arbitrary: anyWish.map((wish) => ({ kind: 'want' as const, wish })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'crash' as const },
      { kind: 'kill' as const },
      { kind: 'rot' as const },
      { kind: 'time' as const },
      { kind: 'failing' as const },
    ),
  },
)
type Trouble = typeof anyTrouble extends fc.Arbitrary<infer T> ? T : never

const wantedOf = (wish: [string, number, number][]) =>
  [...new Map(wish.map((one) => [one[0], one])).values()].map(([model, version, retryToken]) =>
    buildDesiredItem({ model, version: model === 'a' ? version : version + 10, retryToken }),
  )

function suffer(device: SimulatedDevice, trouble: Trouble, bad: ReadonlySet<number>): void {
  const { facts } = device
  switch (trouble.kind) {
    case 'work': {
      const step = device.next()
      if (step) device.execute(step, bad)
      return
    }
    case 'want':
      facts.wanted = wantedOf(trouble.wish)
      return
    case 'crash':
      facts.loaded = []
      device.tellAll({ kind: 'runner-crashed', cause: { code: 'model_crashed', message: 'SIGSEGV' } })
      return
    case 'kill':
      facts.loaded = []
      device.tellAll({ kind: 'interrupted' })
      return
    case 'rot': {
      const [digest] = facts.blobs.keys()
      if (digest) facts.blobs.delete(digest)
      return
    }
    case 'time':
      facts.nowMs += 5_000
      return
    case 'failing':
      facts.loaded = facts.loaded?.map((loaded) => ({ ...loaded, stats: { requests: 100, failures: 50 } }))
      return
    default:
      assertNever(trouble)
  }
}

const servingItems = ({ facts }: SimulatedDevice) =>
  (facts.loaded ?? []).filter(({ servingSinceMs }) => servingSinceMs !== undefined).map(({ item }) => item)

/** The laws that one moment must keep. */
function checkServing(
  before: readonly DesiredItem[],
  device: SimulatedDevice,
  step: Step | undefined,
  bad: ReadonlySet<number>,
) {
  const after = servingItems(device)
  expect(new Set(after.map(({ model }) => model)).size, 'one version of a model serves').toBe(after.length)
  expect(
    after.filter(({ version }) => bad.has(version)),
    'a version with wrong answers never serves',
  ).toEqual([])
  if (!step) return
  const gaps = before
    .filter(({ model }) => !after.some((item) => item.model === model))
    .filter((item) => !mayStop(device, item))
  expect(gaps, `${step.kind} must leave a model served`).toEqual([])
}

function mayStop({ facts }: SimulatedDevice, item: DesiredItem): boolean {
  const life = facts.lives.find(({ target }) => target.model === item.model)
  return !life || life.state === 'retiring' || (life.state === 'failed' && isSameLoad(life.target, item))
}

function checkKept(lives: readonly ItemLife[], step: Step | undefined): void {
  if (step?.kind !== 'collect') return
  const kept = lives.flatMap(({ lastGood, target }) => [target, ...(lastGood ? [lastGood] : [])])
  const digests = new Set(kept.flatMap(({ files }) => files.map(({ digest }) => digest)))
  expect(
    step.digests.filter((digest) => digests.has(digest)),
    'what is wanted or good stays on disk',
  ).toEqual([])
}

function checkEnd({ facts }: SimulatedDevice, serving: readonly DesiredItem[]): void {
  const models = (items: readonly DesiredItem[]) => items.map(({ model }) => model).sort()
  expect(models(facts.lives.map(({ target }) => target))).toEqual(models(facts.wanted ?? []))
  for (const life of facts.lives) {
    expect(['active', 'failed']).toContain(life.state)
    expect(serving.find(({ model }) => model === life.target.model)?.digest).toBe(servedBy(life)?.digest)
  }
}

test('holds for any history of wishes, crashes, kills, rot and failing requests', () => {
  const anyBad = fc.uniqueArray(fc.integer({ min: 1, max: 14 })).map((versions) => new Set(versions))
  fc.assert(
    fc.property(fc.array(anyTrouble, { maxLength: 80 }), anyBad, (troubles, bad) => {
      const device = simulateDevice()
      for (const trouble of troubles) {
        const [before, { lives }] = [servingItems(device), device.read()]
        const step = trouble.kind === 'work' ? device.next() : undefined
        suffer(device, trouble, bad)
        checkServing(before, device, step, bad)
        checkKept(lives, step)
      }
      device.settle(bad)
      checkEnd(device, servingItems(device))
    }),
    { numRuns: 300 },
  )
})
