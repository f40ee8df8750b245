import { expect, test } from 'vitest'
import { leaveWords } from './leave-words.ts'

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

test.each([
  [{ count: 1, names: ['a'], picked: 3 }, 'remove vad from 1 device: a'],
  [{ count: 7, names, picked: 1 }, 'remove vad from 7 devices: a, b, c, d, e and 2 more'],
  [
    { count: 2, names: ['a', 'b'], picked: 0 },
    'remove vad from all its 2 devices, because the selector picks no device: a, b',
  ],
])('%j', (facts, words) => expect(leaveWords({ ...facts, deployable: 'vad' })).toBe(words))
