import { expect, test } from 'vitest'
import { residencyTexts as words } from './english-residency.ts'

test('the last request of a silent device counts from its last report, and not from now', () => {
  expect([words.idle(90, false), words.idle(90, true)]).toEqual(['90 seconds ago', '90 seconds before its last report'])
  expect([words.idle(0, false), words.idle(0, true)]).toEqual(['now', 'when it last reported'])
  expect([words.pinned(false), words.pinned(true)]).toEqual(['Stays loaded', 'Stayed loaded'])
})
