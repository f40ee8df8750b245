import { expect, test } from 'vitest'
import type { GoldenOutputs } from '../device/proof/golden.ts'
import { judgeFidelity, judgeSize, measureFidelity } from './fidelity.ts'

const outputs = (values: number[], shape: number[]): GoldenOutputs =>
  new Map([['y', { datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) }]])

const measure = (version: number[], build: number[], shape: number[]) =>
  measureFidelity({ version: [outputs(version, shape)], build: [outputs(build, shape)] })

test('rows agree if their largest value is in the same place', () => {
  const version = [0.9, 0.1, 0.2, 0.8]
  expect(measure(version, [0.6, 0.4, 0.3, 0.7], [2, 2])).toMatchObject({ fidelity: [{ output: 'y', agreement: 1 }] })
  expect(measure(version, [0.4, 0.6, 0.3, 0.7], [2, 2])).toMatchObject({ fidelity: [{ output: 'y', agreement: 0.5 }] })
})

test('the difference is in deviations of the output of the version, over all inputs', () => {
  const measured = measureFidelity({
    version: [outputs([1], [1]), outputs([3], [1])],
    build: [outputs([1.25], [1]), outputs([2.5], [1])],
  })
  expect(measured).toEqual({ ok: true, fidelity: [{ output: 'y', difference: 0.5 }] })
})

test('an output that never varies is measured by its difference alone', () => {
  expect(measure([2, 2], [2, 2.5], [1, 2])).toMatchObject({ fidelity: [{ difference: 0.5 }] })
})

test('a build with another shape, without a number, or without inputs has no fidelity', () => {
  const version = [outputs([1, 2], [2])]
  expect(measureFidelity({ version, build: [outputs([1, 2], [1, 2])] })).toMatchObject({ ok: false })
  expect(measureFidelity({ version, build: [new Map()] })).toMatchObject({ ok: false })
  expect(measure([1, 2], [1, Number.NaN], [2])).toEqual({
    ok: false,
    message: 'output y [1] is NaN, and the version answers 2',
  })
  expect(measureFidelity({ version: [], build: [] })).toMatchObject({ ok: false })
})

const goal = { agreementMin: 0.99, differenceMax: 0.05 }

test.each([
  ['agreement is enough', { agreement: 0.995, difference: 3 }, true],
  ['a small difference is enough', { agreement: 0.5, difference: 0.04 }, true],
  ['neither is reached', { agreement: 0.95, difference: 0.2 }, false],
  ['a value without rows has its difference only', { difference: 0.2 }, false],
])('%s', (_what, fidelity, ok) => {
  expect(judgeFidelity([{ output: 'y', ...fidelity }], goal).ok).toBe(ok)
})

test('a build must be no larger than its goal, if it has one', () => {
  expect(judgeSize(1_000, goal)).toEqual({ ok: true })
  expect(judgeSize(1_000, { ...goal, sizeMaxBytes: 1_000 })).toEqual({ ok: true })
  expect(judgeSize(1_001, { ...goal, sizeMaxBytes: 1_000 })).toEqual({
    ok: false,
    message: 'the build has 1001 bytes, and the goal allows 1000',
  })
})

test('the refusal names the worst output, with its numbers and the goal', () => {
  const fidelity = [
    { output: 'a', agreement: 0.98, difference: 0.1 },
    { output: 'b', agreement: 0.9134, difference: 0.8 },
  ]
  expect(judgeFidelity(fidelity, goal)).toEqual({
    ok: false,
    message:
      'output b: 0.913 of its rows agree, 0.99 are asked; its largest difference is 0.8 deviations, 0.05 are allowed',
  })
})
