import { expect, test } from 'vitest'
import { nearestWord } from './nearest-word.ts'

const FIELDS = ['selector', 'strategy', 'serving', 'version', 'deployable', 'config']

test.each([
  ['selecter', 'selector'],
  ['Selector', 'selector'],
  ['versoin', 'version'],
  ['stratgy', 'strategy'],
  ['conf', 'config'],
  ['replicas', undefined],
  ['', undefined],
])('%j probably means %j', (word, meant) => {
  expect(nearestWord(word, FIELDS)).toBe(meant)
})
