import { expect, test } from 'vitest'
import { type ShownState, shownAfter } from './shown-state.ts'

const down = (message: string) => ({ kind: 'down', cause: { code: 'source_lost', message } }) as const

type State = { kind: string; cause?: { code: string; message: string } }

const after = ([first, ...states]: readonly [State, ...State[]]) =>
  states.reduce<ShownState<State>>((shown, state, index) => shownAfter(shown, state, 1_000 * (index + 1)), {
    state: first,
    sinceMs: 0,
  })

test('a retry is part of the outage: the error and the time of its beginning stay', () => {
  expect(after([{ kind: 'connecting' }, down('refused'), { kind: 'connecting' }])).toEqual({
    state: down('refused'),
    sinceMs: 1_000,
  })
})

test('a later failure of the outage replaces its error, and not the time of its beginning', () => {
  expect(after([down('refused'), { kind: 'connecting' }, down('no route')])).toEqual({
    state: down('no route'),
    sinceMs: 0,
  })
})

test('a connection that comes up ends the outage, and the next one begins anew', () => {
  expect(after([down('refused'), { kind: 'up' }])).toEqual({ state: { kind: 'up' }, sinceMs: 1_000 })
  expect(after([down('refused'), { kind: 'up' }, down('lost')]).sinceMs).toBe(2_000)
})

test('a source that is left alone shows the time since then', () => {
  expect(after([down('a'), { kind: 'quarantined', cause: down('b').cause }]).sinceMs).toBe(1_000)
})
