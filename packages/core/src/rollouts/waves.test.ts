import { Strategy } from '@skerry/contract/deployments/deployment'
import { DeviceId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SelectorFacts } from '../selectors/selector.ts'
import { assignWaves, type Candidate, type CompiledWave, compileWaves, lateWave, planRollout } from './waves.ts'

const deployment = 'sensor'
const letters = 'abcdefghijklmnopqrstuvwxyz234567'
const idOf = (index: number) =>
  DeviceId.parse(`dev_aaaaa${[1_024, 32, 1].map((power) => letters[Math.floor(index / power) % 32]).join('')}`)

const factsOf = (id: string, ring = 'rest'): SelectorFacts => ({
  device: { id, name: 'a', labels: { ring }, capabilities: [], status: 'active', online: true },
  site: { name: 'plant', kind: 'edge', labels: {}, clearance: 'internal' },
})
const candidates = (count: number, ringOf = (_: number) => 'rest'): Candidate[] =>
  Array.from({ length: count }, (_, index) => ({ deviceId: idOf(index), facts: factsOf(idOf(index), ringOf(index)) }))

const compiled = (strategy: unknown): CompiledWave[] => {
  const result = compileWaves(planRollout(Strategy.parse(strategy)))
  if (!result.ok) throw new Error(result.message)
  return result.waves
}
const canary = 'device.labels.ring == "canary"'

/** How many devices each wave gets. */
const sizes = (strategy: unknown, devices: readonly Candidate[]) => {
  const waves = compiled(strategy)
  const assigned = [...assignWaves(waves, { deployment, candidates: devices }).values()]
  expect(assigned).toHaveLength(devices.length)
  return waves.map((_, index) => assigned.filter((wave) => wave === index).length)
}

test('a strategy without waves has one, for all', () => {
  const [wave, ...others] = planRollout(Strategy.parse({})).waves
  expect(wave).toEqual({ name: 'all', soakMs: 0, failuresMax: 0, minExecuted: 1, deadlineMs: 86_400_000 })
  expect(others).toEqual([])
})

test('waves are named, and an implicit one takes the rest where none takes all', () => {
  const names = (waves: unknown[]) => planRollout(Strategy.parse({ waves })).waves.map(({ name }) => name)
  expect(names([{ name: 'canary', limit: 1 }, { limit: '50%' }])).toEqual(['canary', 'wave-2', 'rest'])
  expect(names([{ selector: canary }, {}])).toEqual(['wave-1', 'wave-2'])
  const [wave] = planRollout(Strategy.parse({ waves: [{ selector: canary, limit: '5%', soakSeconds: 60 }] })).waves
  expect(wave).toMatchObject({ selector: canary, limit: '5%', soakMs: 60_000 })
})

test('a wave takes whom its selector picks of those left, up to its limit, shares being of all and rounded up', () => {
  expect(sizes({ waves: [{ limit: '10%' }, { limit: '50%' }] }, candidates(11))).toEqual([2, 6, 3])
  expect(sizes({ waves: [{ limit: 1 }, { limit: 1 }] }, candidates(1))).toEqual([1, 0, 0])
  const ringOf = (index: number) => (index < 4 ? 'canary' : 'rest')
  expect(sizes({ waves: [{ selector: canary }] }, candidates(10, ringOf))).toEqual([4, 6])
  expect(sizes({ waves: [{ selector: canary, limit: 1 }, { selector: canary }] }, candidates(10, ringOf))).toEqual([
    1, 3, 6,
  ])
  expect(sizes({ waves: [{ limit: 0 }] }, candidates(3))).toEqual([0, 3])
})

test('a selector that does not compile names its wave', () => {
  const plan = planRollout(Strategy.parse({ waves: [{ name: 'canary', selector: 'device.nme == "a"' }] }))
  expect(compileWaves(plan)).toMatchObject({
    ok: false,
    code: 'selector_invalid',
    message: expect.stringMatching(/^wave canary: /),
  })
})

test('the draw is the same whatever the order of the devices, and another for another deployment', () => {
  const waves = compiled({ waves: [{ limit: '10%' }] })
  const devices = candidates(100)
  const drawn = (name: string, list: readonly Candidate[]) =>
    [...assignWaves(waves, { deployment: name, candidates: list })]
      .filter(([, wave]) => wave === 0)
      .map(([device]) => device)
  expect(drawn(deployment, devices.toReversed())).toEqual(drawn(deployment, devices))
  const other = drawn('recogniser', devices)
  expect(other.filter((device) => drawn(deployment, devices).includes(device)).length).toBeLessThan(6)
  // Ids that follow each other must not be drawn together.
  expect(drawn(deployment, devices).filter((device) => device < idOf(50)).length).toBeGreaterThan(1)
})

test('a device that comes twice by mistake is counted once', () => {
  const [device] = candidates(1) as [Candidate]
  expect(assignWaves(compiled({}), { deployment, candidates: [device, device] }).size).toBe(1)
})

test.each([
  // rule, ring, sizes, wave
  ['last', 'canary', [2, 1, 7], 2],
  ['hold', 'canary', [2, 1, 7], 3],
  ['wave', 'canary', [2, 1, 7], 0],
  ['wave', 'rest', [2, 1, 7], 1],
  ['wave', 'rest', [2, 2, 6], 2],
  ['last', 'canary', [0, 0, 0], 0],
  ['hold', 'rest', [0, 0, 0], 1],
  ['hold', 'rest', [0, 0, 1], 3],
] as const)('late joiners: rule %s, ring %s, sizes %o: wave %i', (rule, ring, now, wave) => {
  const waves = compiled({ waves: [{ selector: canary }, { limit: '10%' }] })
  expect(lateWave(waves, { facts: factsOf('dev_late', ring), rule, sizeOf: (index) => now[index] ?? 0 })).toBe(wave)
})

test('holds for any strategy and fleet: everybody is in one wave, and no wave is over its limit', () => {
  const wave = fc.record(
    {
      limit: fc.oneof(
        fc.nat(20),
        fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
      ),
      selector: fc.constant(canary),
    },
    { requiredKeys: [] },
  )
  const rings = fc.array(fc.constantFrom('canary', 'rest'), { maxLength: 40 })
  fc.assert(
    fc.property(fc.array(wave, { maxLength: 4 }), rings, (specs, ring) => {
      const devices = candidates(ring.length, (index) => ring[index] ?? '')
      const counts = sizes({ waves: specs }, devices)
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(devices.length)
      for (const [index, { limit }] of specs.entries()) {
        const most = typeof limit === 'string' ? Math.ceil((devices.length * Number.parseInt(limit, 10)) / 100) : limit
        if (most !== undefined) expect(counts[index]).toBeLessThanOrEqual(most)
      }
    }),
  )
})
