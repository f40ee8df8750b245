import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { isSeen } from './seen-leaves.ts'

const [one, other] = ['a', 'b'].map((digit) => Digest.parse(`sha256:${digit.repeat(64)}`))

test.each([
  ['no plan yet', undefined, undefined, true],
  ['nobody leaves', {}, undefined, true],
  ['nobody leaves any more', {}, one, true],
  ['not ticked', { digest: one }, undefined, false],
  ['ticked', { digest: one }, one, true],
  ['others leave now than were ticked', { digest: other }, one, false],
])('%s', (_, leaves, seen, expected) => {
  expect(isSeen(leaves && { count: 0, devices: [], ...leaves }, seen)).toBe(expected)
})
