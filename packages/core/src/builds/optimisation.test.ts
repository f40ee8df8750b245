import { Recipe } from '@skerry/contract/builds/build'
import type { Calibration } from '@skerry/contract/builds/calibration'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import {
  calibrationCases,
  gateCases,
  isSaturatingClass,
  nextRecipe,
  planOptimisation,
  splitCases,
  usualRecipes,
  withResult,
} from './optimisation.ts'

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
const plan = (goldenCases: number, recipes?: Recipe[], calibration?: Calibration, isSaturating = false) =>
  planOptimisation({
    calibration,
    recipes,
    isSaturating,
    goal: { agreementMin: 0.99, differenceMax: 0.05 },
    goldenCases,
    files: [{ path: 'model.onnx', sizeBytes: 1_000 }],
    limits,
  })

test('labels have goals of their own, which a plan without labels rejects', () => {
  const calibration = { digest: `sha256:${'1'.repeat(64)}`, rows: 2, origin: 'data-set' } as Calibration
  const facts = { calibration, recipes: undefined, isSaturating: false, goldenCases: 8, limits }
  const files = [{ path: 'model.onnx', sizeBytes: 1_000 }]
  const goal = { agreementMin: 0.99, differenceMax: 0.05, accuracyDropMax: 0.005 }
  expect(planOptimisation({ ...facts, files, goal, labelledRows: 40 })).toMatchObject({
    plan: {
      labelledRows: 40,
      gateCases: 8,
      goals: expect.arrayContaining(['accuracy drop <= 0.5%', 'error rise <= 1%']),
    },
  })
  expect(planOptimisation({ ...facts, files, goal })).toMatchObject({
    message: expect.stringContaining('needs labels'),
  })
  const { accuracyDropMax: _, ...plain } = goal
  const unlabelled = planOptimisation({ ...facts, files, goal: plain })
  expect(unlabelled.ok && unlabelled.plan).not.toHaveProperty('labelledRows')
})

const SEVEN = [{ recipe: 'dynamic-7bit' }, { recipe: 'static-7bit' }]

test('a plan has all usual recipes, and what they take at most', () => {
  expect(plan(8)).toMatchObject({
    ok: true,
    plan: {
      left: SEVEN,
      calibrationCases: 6,
      gateCases: 2,
      maxSeconds: 840,
      maxMemoryBytes: 1e9,
      maxStorageBytes: 7_000,
    },
  })
})

test('with one golden case the recipes that need ranges are left out; without any, nothing can be compared', () => {
  expect(plan(1)).toMatchObject({ ok: true, plan: { left: [{ recipe: 'static-int8-minmax' }, {}, {}, ...SEVEN] } })
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

test('recipes in seven bits run if a device needs them, or if a person names them', () => {
  const all = plan(8, undefined, undefined, true)
  expect(all).toMatchObject({ ok: true, plan: { recipes: Recipe.options, left: [] } })
  expect(plan(8, ['static-7bit'])).toMatchObject({
    ok: true,
    plan: { recipes: ['static-7bit'], left: [], gateCases: 2 },
  })
  expect(usualRecipes(false)).not.toContain('dynamic-7bit')
})

test.each([
  ['x64-avx2-4c', true],
  ['x64-avx512-8c', true],
  ['x64-base-1c', true],
  ['x64-vnni-4c', false],
  ['x64-amx-64c-cuda', false],
  ['arm64-neon-4c', false],
])('products of eight bits on %s saturate: %s', (hardwareClass, isSaturating) => {
  expect(isSaturatingClass(hardwareClass)).toBe(isSaturating)
})

test.each([
  [2 ** 31 - 1_001, true],
  [2 ** 31 - 1_000, false],
])('a model with %d bytes of weights beside its own 1,000 is planned: %s', (sizeBytes, isPlanned) => {
  const result = planOptimisation({
    recipes: ['dynamic-int8'],
    calibration: undefined,
    isSaturating: false,
    goal: { agreementMin: 0.99, differenceMax: 0.05 },
    goldenCases: 4,
    files: [
      { path: 'model.onnx', sizeBytes: 1_000 },
      { path: 'weights.bin', sizeBytes },
    ],
    limits: { secondsPerRecipe: 300, memoryBytes: 1_000 },
  })
  expect(result.ok).toBe(isPlanned)
  if (!result.ok) expect(result.message).toContain('over 2 GB with weights.bin')
})
