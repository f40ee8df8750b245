import { expect, test } from 'vitest'
import { csvRows } from './csv-rows.ts'

test('a CSV may have a byte order mark, quotes, empty lines and either line end', () => {
  expect(csvRows('\ufeffSerial,Site,Labels\r\nSN-1,oslo,line=4\r\n\r\n"SN ""2""","oslo, north",\n')).toEqual([
    { line: 2, values: { serial: 'SN-1', site: 'oslo', labels: 'line=4' } },
    { line: 4, values: { serial: 'SN "2"', site: 'oslo, north', labels: '' } },
  ])
})

test('a short row has empty cells at its end', () => {
  expect(csvRows('serial,site\nSN-1')).toEqual([{ line: 2, values: { serial: 'SN-1', site: '' } }])
})

test.each([
  ['', /empty/],
  ['serial\nSN-1,oslo', /line 2 has 2 values for 1 columns/],
  ['serial,site\n"SN-1,oslo', /line 2 has an unmatched quote/],
  ['serial,site\nSN"1,oslo', /line 2 has an unmatched quote/],
])('the CSV %j is rejected with its line', (text, words) => {
  expect(() => csvRows(text)).toThrow(words)
})
