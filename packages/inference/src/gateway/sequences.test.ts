import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { createSequences } from './sequences.ts'

const A = 'dev_aaaaaaaa' as DeviceId

test('a sequence keeps its place while it is used, and ends after ten idle minutes', () => {
  let nowMs = 0
  const sequences = createSequences(() => nowMs)
  expect(sequences.placeOf('x')).toBeUndefined()
  sequences.keep('x', A)
  nowMs = 599_000
  expect(sequences.placeOf('x')).toBe(A)
  sequences.keep('x', A)
  nowMs += 600_000
  expect(sequences.placeOf('x')).toBe(A)
  nowMs += 1
  expect(sequences.placeOf('x')).toBeUndefined()
})

test('the least used of too many sequences makes room', () => {
  const sequences = createSequences(() => 0)
  for (let at = 0; at < 10_000; at++) sequences.keep(String(at), A)
  sequences.keep('0', A)
  sequences.keep('new', A)
  expect([sequences.placeOf('0'), sequences.placeOf('1'), sequences.placeOf('new')]).toEqual([A, undefined, A])
  sequences.drop('new')
  expect(sequences.placeOf('new')).toBeUndefined()
})
