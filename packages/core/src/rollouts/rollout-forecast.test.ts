import { Strategy } from '@skerry/contract/deployments/deployment'
import { Budget } from '@skerry/contract/deployments/pace'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cautionsOf } from '../deployments/plan-cautions.ts'
import { leastSeconds, stuckGroups } from './rollout-forecast.ts'
import { isEnded } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const planOf = (strategy: object) => planRollout(Strategy.parse(strategy))

test.each([
  ['no rate takes no time', {}, [10], [0]],
  ['a second sees a sixtieth, rounded up', { rate: { perMinute: 120 } }, [10], [4]],
  ['the next minute begins when the first is used up', { rate: { perMinute: 3 } }, [7], [120]],
  ['it grows', { rate: { basePerMinute: 1, factor: 2, per: { notified: 1 } } }, [7], [123]],
  ['a wave goes on at the pace of the one before', { rate: { perMinute: 60 }, waves: [{ limit: 1 }] }, [1, 3], [0, 2]],
  ['a soak is waited for, but not of an empty wave', { waves: [{ limit: 1, soakSeconds: 60 }] }, [0, 3], [0, 0]],
])('%s', (_, strategy, sizes, seconds) => {
  expect(leastSeconds(planOf(strategy), { sizes, probationSeconds: 0 })).toEqual(seconds)
  const proved = leastSeconds(planOf(strategy), { sizes, probationSeconds: 5 })
  expect(proved).toEqual(seconds.map((each, index) => each + (sizes[index] ? 5 : 0)))
})

test('no rollout is quicker than its forecast', () => {
  const anyWave = fc.record({ limit: fc.constant(1), soakSeconds: fc.nat(20) })
  const rate = fc.record({ perMinute: fc.integer({ min: 1, max: 5 }) })
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(anyWave, { maxLength: 2 }), rate, sizes, (waves, pace, allSizes) => {
      const plan = planOf({ waves, rate: pace })
      const used = allSizes.slice(0, plan.waves.length)
      const rollout = simulateRollout(plan, used)
      while (!isEnded(rollout.state())) {
        for (const [index, { outcome }] of rollout.rows.entries()) if (outcome === 'offered') rollout.healthy(index)
        if (!isEnded(rollout.state())) rollout.tick(1_000)
      }
      const least = leastSeconds(plan, { sizes: used, probationSeconds: 0 }).reduce((sum, each) => sum + each, 0)
      expect(rollout.nowMs()).toBeGreaterThanOrEqual(least * 1_000)
    }),
    { numRuns: 200 },
  )
})

test('a budget that lets nobody through is seen before', () => {
  const groups = new Map([
    ['oslo', 3],
    ['lyon', 4],
  ])
  expect(stuckGroups(Budget.parse({ minAvailable: 3 }), groups)).toEqual([{ group: 'oslo', devices: 3 }])
  expect(stuckGroups(Budget.parse({ maxUnavailable: 1 }), groups)).toEqual([])
})

test('a device is warned of for what is known of it', () => {
  const device = { online: true, memoryMb: 100 }
  const facts = { device, conditions: [], memoryBytes: 100 * 2 ** 20 }
  expect(cautionsOf(facts)).toEqual([])
  expect(cautionsOf({ ...facts, memoryBytes: facts.memoryBytes + 1 })).toEqual(['memory_insufficient'])
  expect(cautionsOf({ ...facts, memoryBytes: 2 ** 50, device: { online: true, memoryMb: undefined } })).toEqual([])
  expect(
    cautionsOf({ ...facts, device: { ...device, online: false }, conditions: ['update_locked', 'disk_low', 'x'] }),
  ).toEqual(['device_offline', 'update_locked', 'disk_low'])
})
