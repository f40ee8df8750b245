import { expect, test } from 'vitest'
import { isSilent, servingText } from './tense.ts'

test('only a device that reports is spoken of in the present tense', () => {
  expect(servingText(1, 'online')).toBe('version 1 serves')
  expect(servingText(1, 'stale')).toBe('version 1 served')
  expect(servingText(undefined, 'online')).toBe('nothing serves')
  expect(servingText(undefined, 'stale')).toBe('nothing served')
  expect([isSilent('online'), isSilent('stale'), isSilent('never')]).toEqual([false, true, true])
})
