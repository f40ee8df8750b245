import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseWindow, windowText, windowWords } from './window-text.ts'

const field = fc.constantFrom('*', '0', '*/15', '1-5', '2,4', 'MON,WED', 'L')
const anyWindow = fc.record({
  cron: fc.array(field, { minLength: 5, maxLength: 5 }).map((fields) => fields.join(' ')),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Etc/GMT+3', 'America/Port-au-Prince'),
  durationSeconds: fc.integer({ min: 1, max: 604_800 }),
})

test('what is written and read again is the same', () => {
  fc.assert(
    fc.property(anyWindow, (window) => {
      expect(parseWindow(windowText(window))).toEqual(window)
    }),
  )
})

test.each([
  ['0 2,4  * * 1,2 ,Europe/Berlin,  90', { cron: '0 2,4 * * 1,2', timeZone: 'Europe/Berlin', durationSeconds: 90 }],
  ['0 2 * * *, Europe/Berlin', undefined],
  ['0 2 * *, Europe/Berlin, 2h', undefined],
  ['0 2 * * *, Europe/Berlin, 8d', undefined],
  ['0 2 * * *, Europe/Berlin, 0', undefined],
  ['@daily, UTC, 1h', undefined],
  ['', undefined],
])('%j', (text, window) => expect(parseWindow(text)).toEqual(window))

test('says in words when devices may', () => {
  const window = { cron: '30 22 * * *', timeZone: 'Europe/Berlin', durationSeconds: 7_200 }
  const weekend = { ...window, cron: '0 2 * * 6,0' }
  expect(windowWords({ window: { download: window, install: weekend }, ignoreLocks: true })).toEqual([
    'Devices fetch it only daily 22:30-00:30 Europe/Berlin.',
    'They begin to serve it only for 2 hours from each 0 2 * * 6,0 in Europe/Berlin.',
    'It is installed although applications on them hold update locks.',
  ])
  expect(windowWords({})).toEqual([])
})
