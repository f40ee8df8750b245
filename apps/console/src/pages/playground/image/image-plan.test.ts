import { expect, test } from 'vitest'
import { firstPlan, normalisationOf, sidesOf } from './image-plan.ts'
import { NORMALISATIONS } from './image-tensor.ts'

const spec = (shape: number[]) => ({ name: 'image', datatype: 'FP32' as const, shape })
const plan = firstPlan(spec([1, 3, -1, 48]))

test('a picture is brought to what the model states, to what was typed, or keeps its own size', () => {
  const photo = { width: 4_000, height: 3_000 }
  expect(sidesOf(spec([1, 3, 32, 48]), plan, photo)).toEqual({ width: 48, height: 32 })
  expect(sidesOf(spec([1, 3, -1, 48]), { ...plan, height: '64' }, photo)).toEqual({ width: 48, height: 64 })
  expect(sidesOf(spec([1, 3, -1, -1]), plan, photo)).toEqual({ width: 1_024, height: 768 })
  expect(sidesOf(spec([1, 3, -1, -1]), plan, { width: 40, height: 30 })).toEqual({ width: 40, height: 30 })
  expect(sidesOf(spec([1, 3, -1, 48]), { ...plan, height: 'tall' }, photo)).toBeUndefined()
  expect(sidesOf(spec([1, 8]), plan, photo)).toBeUndefined()
})

test('own numbers are read, and what is none is named', () => {
  const custom = { ...plan, normalisation: 'custom' as const, scale: '0.5', mean: '1,2, 3', deviation: '1, 1, 2' }
  expect(normalisationOf(custom)).toEqual({ ok: true, value: { scale: 0.5, mean: [1, 2, 3], deviation: [1, 1, 2] } })
  expect(normalisationOf({ ...custom, scale: 'x' })).toEqual({ ok: false, field: 'scale' })
  expect(normalisationOf({ ...custom, mean: '1,2' })).toEqual({ ok: false, field: 'mean' })
  expect(normalisationOf({ ...custom, mean: '1,,2' })).toEqual({ ok: false, field: 'mean' })
  expect(normalisationOf({ ...custom, deviation: '1,0,1' })).toEqual({ ok: false, field: 'deviation' })
  expect(normalisationOf(plan)).toEqual({ ok: true, value: NORMALISATIONS.unit })
})
