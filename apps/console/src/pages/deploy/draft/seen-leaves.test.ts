import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { isSeen } from './seen-leaves.ts'

const [one, other] = ['a', 'b'].map((digit) => Digest.parse(`sha256:${digit.repeat(64)}`))

test.each([
  ['no plan yet', undefined, undefined, true],
  ['no device leaves', {}, undefined, true],
  ['no device leaves any more', {}, one, true],
  ['not confirmed', { digest: one }, undefined, false],
  ['confirmed', { digest: one }, one, true],
  ['other devices leave than were confirmed', { digest: other }, one, false],
])('%s', (_, leaves, seen, expected) => {
  expect(isSeen(leaves && { count: 0, devices: [], ...leaves }, seen)).toBe(expected)
})
