import { expect, test } from 'vitest'
import { expectedList } from './expected-list.ts'

const KEY = 'ab'.repeat(32)

test('reads serial numbers, keys, names and labels; a row without a site stands where the caller says', () => {
  const text = `serial,key,site,name,labels\nSN-1,,oslo,press,line=4 hall=2\n,${KEY.toUpperCase()},,,\n`
  expect(expectedList(text, 'bergen')).toEqual([
    { serial: 'SN-1', site: 'oslo', name: 'press', labels: { line: '4', hall: '2' } },
    { keyFingerprint: KEY, site: 'bergen', labels: {} },
  ])
})

test.each([
  ['serial,colour\nSN-1,red', /no column "colour"/],
  ['serial\nSN-1', /line 2: site/],
  ['serial,site\n,oslo', /line 2: give a serial number/],
  ['serial,site,labels\nSN-1,oslo,line', /line 2: labels must look like key=value/],
  ['serial,site,labels\nSN-1,oslo,=4', /line 2: labels/],
])('refuses %j, and says why', (text, words) => {
  expect(() => expectedList(text, undefined)).toThrow(words)
})
