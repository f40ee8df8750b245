import { Name } from '@skerry/contract/values/names'
import { expect, test } from 'vitest'
import { newlySilentText } from './quiet-words.ts'

const first = Name.parse('press-1')

test('devices that are silent, but no alert yet, are counted with their time and the time of the alert', () => {
  const silent = { count: 1, first, sinceMs: 0, alertAtMs: 180_000 }
  expect(newlySilentText(silent, 40_000)).toBe('1 device is silent for 40 s (press-1); an alert follows in 3 min')
  expect(newlySilentText({ ...silent, count: 3 }, 170_000)).toBe(
    '3 devices are silent for 3 min (press-1 and 2 more); an alert follows in 10 s',
  )
  expect(newlySilentText(silent, 200_000), 'the clock of the reader may be ahead').toContain('in 0 s')
})
