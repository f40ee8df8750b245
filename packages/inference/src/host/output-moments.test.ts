import type { Datatype } from '@skerry/contract/models/tensor'
import { mergeOutputs } from '@skerry/core/device/proof/output-stats'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOutputMoments } from './output-moments.ts'
import type { RawTensor } from './raw-tensor.ts'

const SECOND_US = 1_000_000

const tensor = (name: string, datatype: Datatype, array: { buffer: ArrayBuffer; length: number }): RawTensor => ({
  name,
  datatype,
  shape: [array.length],
  data: new Uint8Array(array.buffer),
})
const doubles = (...values: number[]) => tensor('scores', 'FP64', Float64Array.from(values))

function observed(...answers: RawTensor[][]) {
  const moments = createOutputMoments()
  for (const [index, outputs] of answers.entries()) moments.observe(outputs, index * SECOND_US)
  return moments.stats()
}

test('counts, moments and what is no number are told of each output', () => {
  expect(observed([doubles(1, 2, Number.NaN)], [doubles(6, Number.POSITIVE_INFINITY)], [doubles()])).toEqual([
    { name: 'scores', answers: 3, empty: 1, values: 3, notFinite: 2, mean: 3, std: Math.sqrt(14 / 3), min: 1, max: 6 },
  ])
  expect(observed([doubles(Number.NaN)])).toEqual([{ name: 'scores', answers: 1, empty: 0, values: 0, notFinite: 1 }])
  expect(observed([doubles(1e308, -1e308)])[0], 'what JSON cannot say is not said').not.toHaveProperty('std')
})

test.each<[Datatype, { buffer: ArrayBuffer; length: number }, number]>([
  ['BOOL', Uint8Array.of(1, 0), 0.5],
  ['UINT8', Uint8Array.of(255), 255],
  ['INT16', Int16Array.of(-300), -300],
  ['UINT32', Uint32Array.of(4_000_000_000), 4_000_000_000],
  ['INT64', BigInt64Array.of(-5n, 7n), 1],
  ['UINT64', BigUint64Array.of(9n), 9],
  ['FP16', Uint16Array.of(0x3c00, 0xc000), -0.5],
  ['FP16', Uint16Array.of(0x0001), 2 ** -24],
  ['BF16', Uint16Array.of(0x3fc0), 1.5],
  ['FP32', Float32Array.of(0.5, 1.5), 1],
])('%s is read as the number that it is', (datatype, array, mean) => {
  expect(observed([tensor('y', datatype, array)])[0]?.mean).toBe(mean)
})

test('texts, and outputs past the fourth, are left alone', () => {
  const outputs = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...doubles(1), name }))
  const text: RawTensor = { name: 'label', datatype: 'BYTES', shape: [1], data: Uint8Array.of(1, 0, 0, 0, 65) }
  expect(observed([text, ...outputs]).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd'])
})

test('what it costs is bounded: twenty answers a second, and so many numbers of each', () => {
  const moments = createOutputMoments()
  for (let at = 0; at < 1_000; at++) moments.observe([doubles(at)], at * 1_000)
  expect(moments.stats()[0]?.answers).toBe(20)
  const columns = Float64Array.from({ length: 8_192 }, (_, index) => index % 2)
  const [large] = observed([tensor('y', 'FP64', columns)], [tensor('y', 'FP64', columns)])
  expect(large?.values).toBe(512)
  expect(large?.mean).toBeCloseTo(0.5)
})

test('parts made one are as if they had been one', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1, maxLength: 5 }), (parts) => {
      const merged = mergeOutputs(parts.flatMap((part) => observed([doubles(...part)])))
      const [whole] = observed([doubles(...parts.flat())])
      expect(merged?.values).toBe(whole?.values)
      expect(merged?.mean).toBeCloseTo(whole?.mean ?? 0, 4)
      expect(merged?.std).toBeCloseTo(whole?.std ?? 0, 3)
      expect([merged?.min, merged?.max]).toEqual([whole?.min, whole?.max])
    }),
  )
})
