import type { Calibration } from '@skerry/contract/builds/calibration'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { calibrationCases, gateCases, nextRecipe, planOptimisation, splitCases, withResult } from './optimisation.ts'

test.each([
  [1, [], [0]],
  [2, [0], [1]],
  [3, [0, 1], [2]],
  [8, [0, 1, 2, 4, 5, 6], [3, 7]],
])('of %i cases, %o give the ranges and %o are compared', (count, calibration, gate) => {
  expect(splitCases(count)).toEqual({ calibration, gate })
})

test('a recipe without a calibration is compared on all cases', () => {
  expect(gateCases('float16', 4)).toEqual([0, 1, 2, 3])
  expect(calibrationCases('float16', 4)).toEqual([])
  expect(gateCases('static-int8-minmax', 4)).toEqual([3])
  expect(calibrationCases('static-int8-minmax', 4)).toEqual([0, 1, 2])
})

const limits = { secondsPerRecipe: 120, memoryBytes: 1e9 }
const plan = (goldenCases: number, recipes?: ['static-int8-minmax'], calibration?: Calibration) =>
  planOptimisation({
    calibration,
    recipes,
    goal: { agreementMin: 0.99, differenceMax: 0.05 },
    goldenCases,
    modelBytes: 1_000,
    limits,
  })

test('a plan has all recipes, and what they take at most', () => {
  expect(plan(8)).toMatchObject({
    ok: true,
    plan: { left: [], calibrationCases: 6, gateCases: 2, maxSeconds: 840, maxMemoryBytes: 1e9, maxStorageBytes: 7_000 },
  })
})

test('with one golden case the recipes that need ranges are left out; without any, nothing can be compared', () => {
  expect(plan(1)).toMatchObject({ ok: true, plan: { left: [{ recipe: 'static-int8-minmax' }, {}, {}] } })
  expect(plan(1, ['static-int8-minmax'])).toMatchObject({ ok: false })
  expect(plan(0)).toMatchObject({ ok: false })
})

test('with a data set, all golden cases are compared, and one is enough', () => {
  const calibration: Calibration = { digest: Digest.parse(`sha256:${'a'.repeat(64)}`), rows: 40, origin: 'data-set' }
  expect(plan(8, undefined, calibration)).toMatchObject({ plan: { calibrationCases: 40, gateCases: 8, calibration } })
  expect(plan(1, ['static-int8-minmax'], calibration)).toMatchObject({ ok: true, plan: { left: [] } })
  expect(gateCases('static-int8-minmax', 8, true)).toHaveLength(8)
})

test('recipes take turns until each has a result', () => {
  const results = [
    { recipe: 'float16', outcome: 'waiting' },
    { recipe: 'dynamic-int8', outcome: 'waiting' },
  ] as const
  expect(nextRecipe(results)).toBe('float16')
  const after = withResult(results, { recipe: 'float16', outcome: 'refused', message: 'too far' })
  expect(nextRecipe(after)).toBe('dynamic-int8')
  expect(nextRecipe(withResult(after, { recipe: 'dynamic-int8', outcome: 'admitted' }))).toBeUndefined()
})
