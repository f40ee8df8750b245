import { expect, test } from 'vitest'
import { ageText } from './age-text.ts'

test.each([
  [0, '0.0 s'],
  [9_990, '9.9 s'],
  [59_999, '59 s'],
  [61_000, '1 min'],
  [7_200_000, '2 h'],
  [200_000_000, '2 d'],
])('%i ms old is %s', (ms, text) => expect(ageText(ms)).toBe(text))
