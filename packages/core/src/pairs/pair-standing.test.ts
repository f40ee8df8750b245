import type { PairReport } from '@skerry/contract/held/pairs'
import { PairId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { pairStanding } from './pair-standing.ts'

const report = (more: Partial<PairReport>): PairReport => ({
  pair: PairId.parse('pair_aaaaaaaa'),
  role: 'passive',
  epoch: 4,
  sinceMs: 1,
  doneTurn: 0,
  unreached: [],
  ...more,
})

const a = (more: Partial<PairReport> = {}, isConnected = true) => ({ device: 'a', isConnected, report: report(more) })
const b = (more: Partial<PairReport> = {}, isConnected = true) => ({ device: 'b', isConnected, report: report(more) })
const w = { device: 'w', isConnected: true, report: report({ role: 'witness' }) }

test('a pair with an active device, a passive one and a witness is protected', () => {
  expect(pairStanding([a({ role: 'active', reason: 'lost' }), b()], w)).toEqual({
    state: 'protected',
    problems: [],
    active: { device: 'a', epoch: 4, sinceMs: 1, reason: 'lost' },
  })
})

test('the last report of a device that was cut off does not count against a newer epoch', () => {
  const { active, state, problems } = pairStanding([a({ role: 'active' }, false), b({ role: 'active', epoch: 5 })], w)
  expect(active).toMatchObject({ device: 'b', epoch: 5 })
  expect(state).toBe('unprotected')
  expect(problems).toEqual(['the hub has no connection to a'])
})

test('a newer epoch that somebody only voted for does not hide the active device', () => {
  const { active, state } = pairStanding([a({ role: 'active' }), b({ epoch: 9 })], w)
  expect(active).toMatchObject({ device: 'a', epoch: 4 })
  expect(state).toBe('protected')
})

test('a member that cannot reach the witness, or cannot set the address, weakens the pair', () => {
  const weak = pairStanding([a({ role: 'active', problem: 'no such interface' }), b({ unreached: ['w'] })], w)
  expect(weak.state).toBe('unprotected')
  expect(weak.problems).toEqual(['a: no such interface', 'b cannot reach w'])
})

test('without any report the state is unknown, and without an active device nobody is named', () => {
  const silent = { isConnected: false, report: undefined }
  const none = pairStanding(
    [
      { device: 'a', ...silent },
      { device: 'b', ...silent },
    ],
    { device: 'w', ...silent },
  )
  expect(none.state).toBe('unknown')
  expect(none.active).toBeUndefined()
  expect(pairStanding([a(), b()], w).state).toBe('none-active')
})
