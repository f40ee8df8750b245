import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { expect, test } from 'vitest'
import { calibrationOf, type JudgedScore, noScores, scoreBin } from './calibration.ts'
import { judgeEstimate, scoresOf } from './estimate.ts'

/** Right nine times of ten at 0.9, and half of the time at 0.5. */
const rows = [0.9, 0.5].flatMap((confidence) =>
  Array.from(
    { length: 200 },
    (_, at): JudgedScore => ({
      predicted: 'a',
      confidence,
      isRight: confidence === 0.9 ? at % 10 !== 0 : at % 2 === 0,
    }),
  ),
)
const calibration = calibrationOf(rows, undefined)
const spec = MonitorSpec.parse({ model: 'm' })

/** The confidences of a window: so many answers at each. */
function counted(sure: number, unsure: number) {
  const scores = noScores(calibration.classes.length)
  const [counts = []] = scores.classes
  counts[scoreBin(0.9)] = sure
  counts[scoreBin(0.5)] = unsure
  return scores
}

test.each([
  ['as in the reference', 500, 500, 'ok'],
  ['a little less sure', 300, 500, 'warn'],
  ['unsure', 0, 1_000, 'alert'],
  ['surer than the reference', 1_000, 0, 'ok'],
  ['too few rows', 0, 400, 'waiting'],
] as const)('answers that are %s', (_, sure, unsure, state) => {
  const given = judgeEstimate(calibration, counted(sure, unsure), { ...spec, accuracy: { warn: 0.04, alert: 0.1 } })
  expect(given).toMatchObject({ state, rows: sure + unsure, reference: 0.7 })
})

test('windows add up, and nothing is estimated without confidences or labels', () => {
  const both = scoresOf([counted(100, 300), counted(300, 300)])
  expect(judgeEstimate(calibration, both, spec)).toEqual(judgeEstimate(calibration, counted(400, 600), spec))
  expect(scoresOf([])).toBeUndefined()
  expect(judgeEstimate(calibration, undefined, spec)).toBeUndefined()
  expect(judgeEstimate(undefined, both, spec)).toBeUndefined()
})
