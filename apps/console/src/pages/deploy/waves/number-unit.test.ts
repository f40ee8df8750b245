import { expect, test } from 'vitest'
import { partsOf, textOf } from './number-unit.ts'

const TIMES = [
  { unit: 'm', name: 'minutes' },
  { unit: 'h', name: 'hours' },
]
const SHARES = [
  { unit: '', name: 'devices' },
  { unit: '%', name: '% of the devices' },
]

test.each([
  ['5m', TIMES, { number: '5', unit: 'm' }],
  ['1.5 h', TIMES, { number: '1.5', unit: 'h' }],
  ['', TIMES, { number: '', unit: 'm' }],
  ['3', SHARES, { number: '3', unit: '' }],
  ['10%', SHARES, { number: '10', unit: '%' }],
  ['5w', TIMES, { number: '5w', unit: undefined }],
  ['a while', TIMES, { number: 'a while', unit: undefined }],
  ['2 per site.name', SHARES, { number: '2 per site.name', unit: undefined }],
] as const)('%j is read as %j', (text, units, parts) => {
  expect(partsOf(text, units)).toEqual(parts)
})

test.each([
  ['5', 'm', '5m'],
  [' 20 ', '%', '20%'],
  ['2h', 'm', '2h'],
  ['a while', 'm', 'a while'],
  ['', 'm', ''],
] as const)('%j typed beside the unit %j means %j', (typed, unit, text) => {
  expect(textOf(typed, unit)).toBe(text)
})
