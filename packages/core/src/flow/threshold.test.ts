import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OFF, ripen, type ThresholdRule, thresholdAfter, turnsAtMs } from './threshold.ts'
import { vote } from './votes.ts'

const value = fc.integer({ min: -20, max: 20 })
const series = fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), value), { maxLength: 40 })

type Step = readonly [pauseMs: number, value: number]

/** The state after each step, with the time. */
function states(rule: ThresholdRule, steps: readonly Step[]) {
  let state = OFF
  let nowMs = 0
  return steps.map(([pauseMs, one]) => {
    nowMs += pauseMs
    state = thresholdAfter(rule, ripen(rule, state, nowMs), one, nowMs)
    return { nowMs, value: one, isOn: state.isOn, turnsAtMs: turnsAtMs(rule, state) }
  })
}

test('between the levels it stays what it is, and below the way back it is off', () => {
  fc.assert(
    fc.property(series, (steps) => {
      const seen = states({ above: 5, clear: 0, forMs: 0, clearForMs: 0 }, steps)
      for (const [at, { value, isOn }] of seen.entries()) {
        expect(isOn).toBe(value > 5 || (value > 0 && seen[at - 1]?.isOn === true))
      }
    }),
  )
})

test('it turns on only after it has been beyond for as long as it must, without a pause', () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 1, max: 120 }), (steps, forMs) => {
      const seen = states({ above: 5, forMs, clearForMs: 0 }, steps)
      for (const [at, { nowMs, value, isOn }] of seen.entries()) {
        const quiet = seen.slice(0, at).findLastIndex((one) => one.value <= 5)
        const sinceMs = seen[quiet + 1]?.nowMs ?? nowMs
        expect(isOn).toBe(value > 5 && nowMs - sinceMs >= forMs)
      }
    }),
  )
})

test('below is above, turned over', () => {
  fc.assert(
    fc.property(series, (steps) => {
      const above = { above: 5, clear: 2, forMs: 30, clearForMs: 10 }
      const below = { below: -5, clear: -2, forMs: 30, clearForMs: 10 }
      const seen = states(above, steps)
      const turned = states(
        below,
        steps.map(([pauseMs, one]) => [pauseMs, -one]),
      )
      expect(turned.map(({ isOn, turnsAtMs }) => [isOn, turnsAtMs])).toEqual(
        seen.map(({ isOn, turnsAtMs }) => [isOn, turnsAtMs]),
      )
    }),
  )
})

test('a vote stands where those that cannot be heard could not change it', () => {
  const votes = fc.array(fc.constantFrom(true, false, undefined), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(votes, fc.integer({ min: 1, max: 8 }), (given, k) => {
      const counted = (unheard: boolean) => given.filter((one) => one ?? unheard).length >= k
      expect(vote(k, given)).toBe(counted(true) === counted(false) ? counted(true) : undefined)
    }),
  )
})
