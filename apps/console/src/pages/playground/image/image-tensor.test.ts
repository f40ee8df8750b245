import { elementsOfTensor } from '@skerry/client/named-tensor'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import { frameOf, guessLayout, imageTensor, NORMALISATIONS, usualNormalisation } from './image-tensor.ts'

const spec = (shape: number[], datatype: TensorSpec['datatype'] = 'FP32') => ({ name: 'image', datatype, shape })

test.each([
  [[1, 3, 224, 224], 'NCHW'],
  [[-1, 3, -1, -1], 'NCHW'],
  [[3, 32, 32], 'NCHW'],
  [[1, 224, 224, 3], 'NHWC'],
  [[-1, 28, 28, 1], 'NHWC'],
  [[1, 1, 28, 28], 'NCHW'],
  [[1, 3, 224, 3], undefined],
  [[-1, 8, 2], undefined],
  [[2, 3, 224, 224], undefined],
  [[1, 5, 224, 224], undefined],
  [[224, 224], undefined],
])('%j is a picture of the layout %s', (shape, layout) => {
  expect(guessLayout(spec(shape))).toBe(layout)
})

test('texts and truths are no pictures', () => {
  expect(guessLayout(spec([1, 3, 32, 32], 'BYTES'))).toBeUndefined()
  expect(guessLayout(spec([1, 3, 32, 32], 'BOOL'))).toBeUndefined()
})

test('what is open is asked for', () => {
  expect(frameOf(spec([-1, 3, -1, 48]), 'NCHW')).toEqual({ layout: 'NCHW', channels: 3, height: undefined, width: 48 })
})

/** Two pixels: pure red, and a grey. */
const pixels = { data: new Uint8ClampedArray([255, 0, 0, 255, 100, 100, 100, 255]), width: 2, height: 1 }
const open = (channels: number) => spec([1, channels, -1, -1])
const settings = { layout: 'NCHW', order: 'RGB', normalisation: NORMALISATIONS.bytes } as const
const valuesOf = (tensor: ReturnType<typeof imageTensor>) => tensor && elementsOfTensor(tensor)

test('channels stand apart, or beside each other, in either order', () => {
  const planes = imageTensor(open(3), pixels, settings)
  expect(planes?.shape).toEqual([1, 3, 1, 2])
  expect(valuesOf(planes)).toEqual([255, 100, 0, 100, 0, 100])
  expect(valuesOf(imageTensor(open(3), pixels, { ...settings, order: 'BGR' }))).toEqual([0, 100, 0, 100, 255, 100])
  const beside = imageTensor(spec([-1, -1, 3]), pixels, { ...settings, layout: 'NHWC' })
  expect(beside?.shape).toEqual([1, 2, 3])
  expect(valuesOf(beside)).toEqual([255, 0, 0, 100, 100, 100])
})

test('one channel is how bright it looks', () => {
  expect(
    valuesOf(imageTensor(open(1), pixels, settings))
      ?.map(Number)
      .map(Math.round),
  ).toEqual([76, 100])
})

test('values are scaled and normalised by channel', () => {
  const normalised = imageTensor(open(3), pixels, { ...settings, normalisation: NORMALISATIONS.imagenet })
  const values = (valuesOf(normalised) ?? []).map(Number)
  expect(values[0]).toBeCloseTo((1 - 0.485) / 0.229, 5)
  expect(values[2]).toBeCloseTo(-0.456 / 0.224, 5)
  expect(valuesOf(imageTensor(open(3), pixels, { ...settings, normalisation: NORMALISATIONS.signed }))?.[0]).toBe(1)
})

test('they are of the type that the model takes', () => {
  const bytes = { ...open(3), datatype: 'UINT8' as const }
  expect(valuesOf(imageTensor(bytes, pixels, settings))).toEqual([255, 100, 0, 100, 0, 100])
  const half = { ...open(3), datatype: 'FP16' as const }
  expect(valuesOf(imageTensor(half, pixels, { ...settings, normalisation: NORMALISATIONS.unit }))?.[0]).toBe(1)
  expect(imageTensor(spec([1, 8]), pixels, settings)).toBeUndefined()
  expect([usualNormalisation(bytes), usualNormalisation(half)]).toEqual(['bytes', 'unit'])
})
