import { expect, test } from 'vitest'
import { ratiosOf, regressions } from './fleet-ratios.ts'

const figures = {
  connectCpuMsPerDevice: 1,
  baselineCpuMsPerDevice: 0.5,
  rolloutCpuMsPerDevice: 1.5,
  kbPerDevice: 60,
  errors: 0,
  lost: 0,
}
const printed = (changed: object = {}) => `note\n${JSON.stringify({ ...figures, ...changed })}\n`
const recorded = { connectToBare: 2, rolloutToBare: 3, kbPerDevice: 60 }

test('ratios are taken from the last line', () => {
  expect(ratiosOf(printed())).toEqual({ connectToBare: 2, rolloutToBare: 3, kbPerDevice: 60, faults: 0 })
})

test('a tenth worse than recorded is let pass, more is not', () => {
  expect(regressions(ratiosOf(printed({ kbPerDevice: 65.9 })), recorded)).toEqual([])
  expect(regressions(ratiosOf(printed({ kbPerDevice: 67, rolloutCpuMsPerDevice: 3 })), recorded)).toEqual([
    'rolloutToBare is 6.00, recorded 3.00',
    'kbPerDevice is 67.00, recorded 60.00',
  ])
})

test('anything lost is a regression', () => {
  expect(regressions(ratiosOf(printed({ lost: 2 })), recorded)).toEqual(['2 requests or devices were lost'])
})
