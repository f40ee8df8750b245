import { expect, test } from 'vitest'
import { csvRows } from './csv-rows.ts'

test('reads what a spreadsheet writes: a mark in front, quotes, empty lines, either end of line', () => {
  expect(csvRows('\ufeffSerial,Site,Labels\r\nSN-1,oslo,line=4\r\n\r\n"SN ""2""","oslo, north",\n')).toEqual([
    { line: 2, values: { serial: 'SN-1', site: 'oslo', labels: 'line=4' } },
    { line: 4, values: { serial: 'SN "2"', site: 'oslo, north', labels: '' } },
  ])
})

test('a row that is short leaves the rest empty', () => {
  expect(csvRows('serial,site\nSN-1')).toEqual([{ line: 2, values: { serial: 'SN-1', site: '' } }])
})

test.each([
  ['', /empty/],
  ['serial\nSN-1,oslo', /line 2 has 2 values for 1 columns/],
  ['serial,site\n"SN-1,oslo', /line 2 has an unmatched quote/],
  ['serial,site\nSN"1,oslo', /line 2 has an unmatched quote/],
])('refuses %j, and says where', (text, words) => {
  expect(() => csvRows(text)).toThrow(words)
})
