/** The laws of device plans, for any history. Tables of examples are in device-plan.test.ts. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { histories } from '@skerry/testkit/simulation/histories'
import { type SimulatedDevice, simulateDevice } from '@skerry/testkit/simulation/simulated-device'
import { law } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assertNever } from '../values/assert-never.ts'
import type { PlanStep } from './device-plan.ts'
import { type ItemLife, isHeld, isSameLoad, servedBy } from './item-life.ts'

const anyWish = fc.array(
  fc.tuple(
    fc.constantFrom('a', 'b'),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 1 }),
    fc.constantFrom(...(['at once', 'shadow', 'held', 'held shadow'] as const)),
  ),
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

const wantedOf = (wish: [string, number, number, string][]) =>
  [...new Map(wish.map((one) => [one[0], one])).values()].map(([model, version, retryToken, stage]) =>
    buildDesiredItem({
      name: model,
      version: model === 'a' ? version : version + 10,
      retryToken,
      ...(stage.includes('shadow') ? { shadow: { seconds: 7 } } : {}),
      ...(stage.includes('held') ? { hold: true as const } : {}),
    }),
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
  step: PlanStep | undefined,
  bad: ReadonlySet<number>,
) {
  const after = servingItems(device)
  expect(new Set(after.map(({ name: model }) => model)).size, 'one version of a model serves').toBe(after.length)
  expect(
    after.filter(({ version }) => bad.has(version)),
    'a version with wrong answers never serves',
  ).toEqual([])
  for (const life of device.facts.lives.filter(({ state }) => state === 'shadow' || state === 'ready')) {
    expect(
      after.some((item) => isSameLoad(item, life.target)),
      'what is compared or held does not serve',
    ).toBe(false)
  }
  if (!step) return
  const gaps = before
    .filter(({ name: model }) => !after.some((item) => item.name === model))
    .filter((item) => !mayStop(device, item))
  expect(gaps, `${step.kind} must leave a model served`).toEqual([])
}

function mayStop({ facts }: SimulatedDevice, item: DesiredItem): boolean {
  const life = facts.lives.find(({ target }) => target.name === item.name)
  return !life || life.state === 'retiring' || (life.state === 'failed' && isSameLoad(life.target, item))
}

function checkKept(lives: readonly ItemLife[], step: PlanStep | undefined): void {
  if (step?.kind !== 'collect') return
  const kept = lives.flatMap(({ lastGood, target }) => [target, ...(lastGood ? [lastGood] : [])])
  const digests = new Set(kept.flatMap(({ files }) => files.map(({ digest }) => digest)))
  expect(
    step.digests.filter((digest) => digests.has(digest)),
    'what is wanted or good stays on disk',
  ).toEqual([])
}

function checkEnd({ facts }: SimulatedDevice, serving: readonly DesiredItem[], bad: ReadonlySet<number>): void {
  const models = (items: readonly DesiredItem[]) => items.map(({ name: model }) => model).sort()
  expect(models(facts.lives.map(({ target }) => target))).toEqual(models(facts.wanted ?? []))
  for (const life of facts.lives) {
    expect(isHeld(life) || life.state === 'active' || life.state === 'failed', life.state).toBe(true)
    if (life.state === 'active') expect(bad.has(-life.target.version) && life.shadow !== undefined).toBe(false)
    expect(serving.find(({ name: model }) => model === life.target.name)?.digest).toBe(servedBy(life)?.digest)
  }
}

test('the planner laws hold for any history of targets, crashes, kills, damage and failed requests', law, () => {
  const anyBad = fc.uniqueArray(fc.integer({ min: -14, max: 14 })).map((versions) => new Set(versions))
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
      checkEnd(device, servingItems(device), bad)
    }),
    histories('device plans'),
  )
})
