import fc from 'fast-check'
import { expect, test } from 'vitest'
import { durationText, durationWords, parseDuration } from './duration.ts'

test.each([
  ['90', 90, '90s', '90 seconds'],
  ['1s', 1, '1s', '1 second'],
  ['60s', 60, '1m', '1 minute'],
  ['5min', 300, '5m', '5 minutes'],
  [' 2h ', 7_200, '2h', '2 hours'],
  ['1d', 86_400, '1d', '1 day'],
  ['0', 0, '0s', '0 seconds'],
])('%s is %d seconds', (text, seconds, short, words) => {
  expect([parseDuration(text), durationText(seconds), durationWords(seconds)]).toEqual([seconds, short, words])
})

test.each(['', 'soon', '-5s', '1.5h', '5 m', '1w'])('"%s" is no time', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('what is written can be read', () => {
  fc.assert(fc.property(fc.nat(10_000_000), (seconds) => parseDuration(durationText(seconds)) === seconds))
})
