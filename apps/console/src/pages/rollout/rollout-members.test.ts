import type { RolloutDevice } from '@skerry/contract/rollouts/rollout'
import { DeviceId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mergeChanges, NO_MEMBERS, sequenceOf } from './rollout-members.ts'

const rowOf = (number: number, outcome: RolloutDevice['outcome'] = 'waiting'): RolloutDevice => ({
  deviceId: DeviceId.parse(`dev_aaaaaaa${'abcdefghij'[number]}`),
  device: `press-${number}`,
  site: 'oslo',
  wave: 0,
  outcome,
})

test('what changed stands in its place, and the rest is the very same', () => {
  const rows = [0, 1, 2].map((number) => rowOf(number))
  const merged = mergeChanges(rows, [rowOf(1, 'healthy')])
  expect(merged).toEqual([rowOf(0), rowOf(1, 'healthy'), rowOf(2)])
  expect([merged[0] === rows[0], merged[2] === rows[2]]).toEqual([true, true])
})

test('a device that joins, or gets another name, finds its place', () => {
  const merged = mergeChanges([rowOf(0), rowOf(2)], [rowOf(1), { ...rowOf(0), device: 'press-9' }])
  expect(merged.map(({ device }) => device)).toEqual(['press-1', 'press-2', 'press-9'])
})

test('in whatever pieces changes come, the last of each device stands, by name', () => {
  const outcome = fc.constantFrom('waiting', 'offered', 'healthy', 'failed')
  const change = fc.tuple(fc.nat({ max: 9 }), outcome).map(([number, each]) => rowOf(number, each))
  // One answer names a device once.
  const answer = fc.uniqueArray(change, { selector: ({ deviceId }) => deviceId })
  fc.assert(
    fc.property(fc.array(answer), (answers) => {
      const merged = answers.reduce((rows, rest) => mergeChanges(rows, rest), [] as RolloutDevice[])
      const last = new Map(answers.flat().map((row) => [row.device, row]))
      expect(merged).toEqual([...last.values()].toSorted((a, b) => (a.device < b.device ? -1 : 1)))
    }),
  )
})

test('a place tells which change it is', () => {
  expect([sequenceOf(NO_MEMBERS), sequenceOf({ rows: [], seen: '42.dev_a' })]).toEqual([-1, 42])
})
