import { expect, test } from 'vitest'
import { silentCommand, silentWords } from './silent-words.ts'

test('the silent devices are counted, and the first one is named', () => {
  expect(silentWords({ count: 1, first: 'press-1' })).toBe('waits for 1 silent device: press-1')
  expect(silentWords({ count: 1_001, first: 'press-1' }, (value) => `${value}!`)).toBe(
    'waits for 1001! silent devices: press-1 and 1000! more',
  )
})

test('a command explains the first one', () => {
  const silent = { count: 2, first: 'press-1' }
  expect(silentCommand({ deployment: 'press', silent })).toBe('skerry deployment explain press press-1')
  expect(silentCommand({ deployment: 'press' })).toBeUndefined()
})
