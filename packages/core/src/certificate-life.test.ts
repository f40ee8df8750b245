import { expect, test } from 'vitest'
import { isDueForRenewal } from './certificate-life.ts'

const year = { notBeforeMs: 1000, notAfterMs: 31_000 }

test.each([
  ['before it counts', 0, false],
  ['young', 1000, false],
  ['just under two thirds', 20_999, false],
  ['at two thirds', 21_000, true],
  ['expired', 99_000, true],
])('%s', (_, nowMs, isDue) => expect(isDueForRenewal(year, nowMs)).toBe(isDue))
