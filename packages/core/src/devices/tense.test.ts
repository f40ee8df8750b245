import type { DeviceLink } from '@skerry/contract/devices/device'
import { expect, test } from 'vitest'
import { isPastHealth, isSilent, servingText, shownHealth, silentItemsText, spokenLiveness } from './tense.ts'

test('only a device that reports is spoken of in the present tense', () => {
  expect(servingText(1, 'online')).toBe('version 1 serves')
  expect(servingText(1, 'stale')).toBe('version 1 served')
  expect(servingText(undefined, 'online')).toBe('nothing serves')
  expect(servingText(undefined, 'stale')).toBe('nothing served')
  const image = { serves: false }
  expect([1, undefined].map((version) => servingText(version, 'online', image))).toEqual([
    'version 1 runs',
    'no version runs',
  ])
  expect(servingText(1, 'stale', image)).toBe('version 1 ran')
  expect([isSilent('online'), isSilent('stale'), isSilent('never')]).toEqual([false, true, true])
})

test('the health of a device without a connection is that of its last report, and a stopped agent is not stale', () => {
  const cut: DeviceLink = { connected: false, sinceMs: 1, ended: 'closed' }
  const device = { health: 'healthy', liveness: 'online', link: cut } as const
  expect(isPastHealth(device)).toBe(true)
  expect(isPastHealth({ ...device, health: 'failed' })).toBe(true)
  expect(isPastHealth({ ...device, link: { connected: true, sinceMs: 1 } })).toBe(false)
  expect(isPastHealth({ ...device, link: { connected: false } }), 'the hub has no link on record').toBe(false)
  expect(isPastHealth({ ...device, health: 'quarantined' }), 'a person decided it').toBe(false)
  const stale = { health: 'stale', liveness: 'stale', link: cut } as const
  expect([isPastHealth(stale), shownHealth(stale)]).toEqual([false, 'stale'])
  expect(shownHealth({ ...stale, link: { ...cut, ended: 'goodbye' } })).toBe('stopped')
})

test('a device whose connection ended is spoken of as silent at once', () => {
  const link = { connected: false, sinceMs: 1 } as const
  expect(spokenLiveness({ liveness: 'online', link: { ...link, ended: 'closed' } })).toBe('stale')
  expect(spokenLiveness({ liveness: 'online', link: { connected: true, sinceMs: 1 } })).toBe('online')
  expect(spokenLiveness({ liveness: 'online', link: { connected: false } }), 'no link on record').toBe('online')
  expect(spokenLiveness({ liveness: 'never', link: { connected: false } })).toBe('never')
})

test('items on silent devices are named only if there are some', () => {
  expect([silentItemsText(), silentItemsText(0)]).toEqual([undefined, undefined])
  expect(silentItemsText(2)).toBe('2 of them as silent devices last reported')
})
