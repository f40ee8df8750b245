import { Name } from '@skerry/contract/values/names'
import { expect, test } from 'vitest'
import { newlyDownText, newlySilentText, nextAlertAtMs, soonTexts } from './quiet-words.ts'

const first = Name.parse('press-1')

test('devices that are silent, but no alert yet, are counted with their time and the time of the alert', () => {
  const silent = { count: 1, first, sinceMs: 0, alertAtMs: 180_000 }
  expect(newlySilentText(silent, 40_000)).toBe('1 device is silent for 40 s (press-1); an alert follows in 3 min')
  expect(newlySilentText({ ...silent, count: 3 }, 170_000)).toBe(
    '3 devices are silent for 3 min (press-1 and 2 more); an alert follows in 10 s',
  )
  expect(newlySilentText(silent, 200_000), 'the clock of the reader may be ahead').toContain('in 0 s')
})

test('sources and sinks that are down, but no alert yet, are counted with the oldest and the time of the alert', () => {
  const down = { kind: 'source' as const, count: 1, name: first, device: first, sinceMs: 0, alertAtMs: 60_000 }
  expect(newlyDownText(down, 12_000)).toBe('1 source is down for 12 s (press-1 on press-1); an alert follows in 48 s')
  const sinks = { ...down, kind: 'sink' as const, count: 3, alertAtMs: 40_000 }
  expect(newlyDownText(sinks, 0)).toContain('3 sinks are down for 0 s (press-1 on press-1 and 2 more)')
  const newlySilent = { count: 1, first, sinceMs: 0, alertAtMs: 180_000 }
  expect(soonTexts({ newlySilent, newlyDown: [down, sinks] }, 0)).toHaveLength(3)
  expect(nextAlertAtMs({ newlySilent, newlyDown: [down, sinks] })).toBe(40_000)
  expect([soonTexts({}, 0), nextAlertAtMs({})]).toEqual([[], undefined])
})
