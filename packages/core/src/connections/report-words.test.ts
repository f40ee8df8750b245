import type { ConnectionReports } from '@skerry/contract/connections/connection'
import { expect, test } from 'vitest'
import { reportRank, reportsText, troubleText, worstState } from './report-words.ts'

const reports = (states: ConnectionReports['states'], silent = 0): ConnectionReports => ({
  states,
  silent,
  valuesPerSecond: 0,
})

test.each([
  [reports({}), 'not reported yet', 'unsaid'],
  [reports({ up: 1 }), 'up', 'up'],
  [reports({ up: 12 }), '12 up', 'up'],
  [reports({ up: 2, down: 1 }, 3), '1 down, 2 up, 3 silent', 'down'],
  [reports({ refused: 1, down: 4 }), '1 rejected, 4 down', 'refused'],
  [reports({ up: 1 }, 1), '1 up, 1 silent', 'silent'],
])('%j is %s, and its worst state is %s', (given, text, worst) => {
  expect([reportsText(given), worstState(given)]).toEqual([text, worst])
})

test('a list that begins with the worst has silent devices before those that work', () => {
  const order = [reports({ down: 1 }), reports({ up: 1 }, 1), reports({}), reports({ up: 1 })]
  expect(order.map(reportRank)).toEqual(order.map(reportRank).toSorted((a, b) => a - b))
})

test('an error names its device only if there are several', () => {
  const trouble = { device: 'gateway-1', state: 'down' as const, sinceMs: 0, message: 'no route to host' }
  expect(troubleText({ ...reports({ down: 1 }), trouble })).toBe('no route to host')
  expect(troubleText({ ...reports({ down: 1, up: 1 }), trouble })).toBe('gateway-1: no route to host')
  expect([troubleText(reports({ up: 1 })), troubleText(undefined)]).toEqual([undefined, undefined])
})
