import { expect, test } from 'vitest'
import { aheadOf, isSameCount, missingOf } from './hand-over.ts'

const counts = (normal: number) => ({ urgent: 5, normal, bulk: 0 })

test('what was counted and has no number is missing', () => {
  expect(missingOf({ handed: counts(12), numbered: counts(10), ahead: counts(0) })).toEqual({
    urgent: 5,
    normal: 2,
    bulk: 0,
  })
  expect(missingOf({ handed: counts(12), numbered: counts(17), ahead: { urgent: 0, normal: 7, bulk: 0 } })).toEqual({
    urgent: 0,
    normal: 2,
    bulk: 0,
  })
})

test('nothing is known to be missing of a count that has begun anew, or that a power cut set back', () => {
  const none = { urgent: 0, normal: 0, bulk: 0 }
  expect(missingOf({ handed: counts(12), numbered: counts(0), ahead: undefined })).toEqual(none)
  expect(missingOf({ handed: counts(3), numbered: counts(9), ahead: none })).toEqual(none)
})

test('the two are brought together by what the numbers are ahead', () => {
  const ahead = aheadOf({ handed: counts(3), numbered: counts(9) })
  expect(ahead).toEqual({ urgent: 0, normal: 6, bulk: 0 })
  expect(missingOf({ handed: counts(4), numbered: counts(9), ahead })).toEqual({ urgent: 0, normal: 1, bulk: 0 })
  expect([isSameCount(ahead, { ...ahead }), isSameCount(undefined, ahead), isSameCount(ahead, counts(6))]).toEqual([
    true,
    false,
    false,
  ])
})
