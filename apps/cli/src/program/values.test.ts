import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  parseAmount,
  parseBudget,
  parseDuration,
  parseLabel,
  parseLabelChange,
  parseModelReference,
  parseRate,
  parseRetry,
  parseSize,
  parseSomeAmount,
  parseTolerance,
  parseWave,
  parseWindow,
} from './values.ts'

test.each([
  ['anomaly', { name: 'anomaly', version: undefined }],
  ['anomaly:3', { name: 'anomaly', version: '3' }],
  ['anomaly:latest', { name: 'anomaly', version: 'latest' }],
  ['anomaly@champion', { name: 'anomaly', version: '@champion' }],
  ['anomaly:@champion', { name: 'anomaly', version: '@champion' }],
])('%s is a reference to a model', (text, reference) => {
  expect(parseModelReference(text)).toEqual(reference)
})

test.each([
  '',
  'Anomaly',
  'anomaly:',
  'anomaly:0',
  'anomaly:two',
  'anomaly@',
  '@champion',
  'anomaly:1:2',
  'a b',
  '../x',
])('"%s" is not a reference to a model', (text) => {
  expect(() => parseModelReference(text)).toThrow()
})

test.each([
  ['line=4', ['line', '4']],
  ['line=', ['line', '']],
  ['url=a=b', ['url', 'a=b']],
])('%s is a label', (text, pair) => {
  expect(parseLabel(text)).toEqual(pair)
})

test.each(['line', '=4', 'Line=4', `line=${'x'.repeat(64)}`])('%s is not a label', (text) => {
  expect(() => parseLabel(text)).toThrow()
})

test('a minus at the end removes a label, and a minus inside a value does not', () => {
  expect(parseLabelChange('line-')).toEqual(['line', undefined])
  expect(parseLabelChange('line=4-')).toEqual(['line', '4-'])
})

test.each([
  ['0', 0],
  ['90s', 90],
  ['5m', 300],
  ['5min', 300],
  ['2h', 7_200],
  ['1d', 86_400],
])('%s are %d seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds)
})

test('a duration needs its unit, and some devices are at least one', () => {
  expect(() => parseDuration('90')).toThrow('needs a unit: 90s, 90m or 90h')
  for (const none of ['0', '0%', '0.0%']) expect(() => parseSomeAmount(none)).toThrow('at least one device')
  expect([parseSomeAmount('1'), parseSomeAmount('10%')]).toEqual([1, '10%'])
})

test.each(['', '-1', '1.5h', '5 m', '1w', 'm'])('"%s" is not a duration', (text) => {
  expect(() => parseDuration(text)).toThrow('90s, 5m, 2h or 1d')
})

test.each([
  ['1', { limit: 1 }],
  ['10%', { limit: '10%' }],
  ['2.5%', { limit: '2.5%' }],
  ['device.labels.line == "4"', { selector: 'device.labels.line == "4"' }],
  ['10% of site.country == "NL"', { limit: '10%', selector: 'site.country == "NL"' }],
  ['3 of true', { limit: 3, selector: 'true' }],
])('%s is a wave', (text, wave) => {
  expect(parseWave(text)).toEqual(wave)
})

test.each(['', '101%', '1 of ', '-1%'])('"%s" is not a wave', (text) => {
  expect(() => {
    const { limit, selector } = parseWave(text)
    // The hub checks a selector, because it knows CEL.
    if (limit === undefined && selector === text.trim()) throw new Error('left to the hub')
  }).toThrow()
})

test('only numbers are amounts and tolerances', () => {
  expect([parseAmount('0'), parseAmount('100%'), parseTolerance('1e-4'), parseTolerance('0')]).toEqual([
    0,
    '100%',
    1e-4,
    0,
  ])
  for (const text of ['', '1.5', '%', 'ten', '1000001']) expect(() => parseAmount(text), text).toThrow()
  for (const text of ['', ' ', '-1', 'NaN', 'Infinity', 'small']) expect(() => parseTolerance(text), text).toThrow()
})

test('any text is read or rejected, never misread', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseModelReference, parseLabel, parseDuration, parseAmount, parseWave, parseTolerance]) {
        try {
          parse(text)
        } catch (error) {
          expect(error).toBeInstanceOf(Error)
        }
      }
    }),
  )
})

test('rates, budgets and tries are read, and an invalid one is rejected with an example', () => {
  expect([parseRate('100'), parseBudget('2 per site.name'), parseRetry('2')]).toEqual([
    { perMinute: 100 },
    { groupBy: 'site.name', maxUnavailable: 2 },
    { max: 2, backoffSeconds: 60 },
  ])
  expect(() => parseRate('fast')).toThrow('must be a rate such as 100')
  expect(() => parseBudget('none')).toThrow('must be a budget such as 2')
  expect(() => parseRetry('often')).toThrow('must be a number of tries')
})

test('a window is read or removed', () => {
  expect(parseWindow('0 2 * * *, UTC, 2h')).toEqual({ cron: '0 2 * * *', timeZone: 'UTC', durationSeconds: 7_200 })
  expect(parseWindow('none')).toBe('none')
  expect(() => parseWindow('at night')).toThrow('must be a window such as')
})

test.each([
  ['512', 512],
  ['1KiB', 1024],
  ['1.5 GiB', 1_610_612_736],
  ['2TiB', 2 * 1024 ** 4],
])('%s is a size', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes)
})

test.each(['', '-1', '1GB', 'GiB', '1e3'])('"%s" is not a size', (text) => {
  expect(() => parseSize(text)).toThrow('must be a size')
})
