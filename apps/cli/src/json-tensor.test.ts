import { Datatype } from '@skerry/contract/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfElements, flatTensor } from './json-tensor.ts'

const window = { name: 'window', shape: [-1, 2, 3] }
const CASE = [
  [1, 2, 3],
  [4, 5, 6],
]

test.each([
  ['a whole batch', [CASE, CASE], [2, 2, 3]],
  ['a single case, which becomes a batch of one', CASE, [1, 2, 3]],
  ['flat data, whose length tells the batch', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]],
])('takes %s', (_what, data, shape) => {
  const tensor = flatTensor(window, data)
  expect(tensor.shape).toEqual(shape)
  expect(tensor.elements).toEqual([data].flat(9))
})

test('takes a scalar for a scalar', () => {
  expect(flatTensor({ name: 'x', shape: [] }, 7)).toEqual({ shape: [], elements: [7] })
})

test.each([
  [
    'another size',
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
    'window takes the shape [any, 2, 3], and this has [1, 2, 2]',
  ],
  [
    'uneven nesting',
    [
      [1, 2, 3],
      [4, 5],
    ],
    'window is not nested evenly',
  ],
  ['a number', 5, 'window takes the shape [any, 2, 3], and this has []'],
  ['too few flat elements', [1, 2, 3, 4], 'window takes the shape [any, 2, 3], and this has [4]'],
])('refuses %s', (_what, data, message) => {
  expect(() => flatTensor(window, data)).toThrow(message)
})

test('does not guess a shape with two open dimensions', () => {
  expect(() => flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4])).not.toThrow()
  expect(flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4]).shape).toEqual([1, 4])
  expect(() => flatTensor({ name: 'x', shape: [-1, -1, 2] }, [1, 2, 3, 4])).toThrow()
})

test.each([
  ['FP32', [1, -0.5], '0000803f000000bf'],
  ['FP64', [1], '000000000000f03f'],
  ['INT8', [-1, 127], 'ff7f'],
  ['UINT16', [1, 65_535], '0100ffff'],
  ['INT32', [-2], 'feffffff'],
  ['INT64', [-1, 9_007_199_254_740_993n], 'ffffffffffffffff0100000000002000'],
  ['UINT64', [18_446_744_073_709_551_615n], 'ffffffffffffffff'],
  ['BOOL', [true, false], '0100'],
  ['BYTES', ['a', 'é'], '01000000 61 02000000 c3a9'],
] as const)('%s has its bytes', (datatype, elements, hex) => {
  expect(Buffer.from(bytesOfElements('x', datatype, elements)).toString('hex')).toBe(hex.replaceAll(' ', ''))
})

test.each([
  ['INT8', [128]],
  ['UINT8', [-1]],
  ['INT32', [1.5]],
  ['FP32', [1e39]],
  ['FP32', ['1']],
  ['INT64', [2 ** 60]],
  ['INT64', [9_223_372_036_854_775_808n]],
  ['UINT64', [-1]],
  ['BOOL', [1]],
  ['BYTES', [1]],
  ['FP16', [1]],
  ['BF16', [1]],
] as const)('%s refuses what it cannot hold: %s', (datatype, elements) => {
  expect(() => bytesOfElements('x', datatype, elements)).toThrow(`x has an element that is no ${datatype}`)
})

test('whatever nested arrays come, elements are neither lost nor made up', () => {
  const anyData = fc.letrec((tie) => ({
    data: fc.oneof({ maxDepth: 4 }, fc.integer(), fc.array(tie('data'), { maxLength: 4 })),
  })).data
  fc.assert(
    fc.property(anyData, fc.array(fc.integer({ min: -1, max: 3 }), { maxLength: 4 }), (data, shape) => {
      try {
        const { shape: found, elements } = flatTensor({ name: 'x', shape }, data)
        expect(found).toHaveLength(shape.length)
        expect(found.reduce((product, size) => product * size, 1)).toBe(elements.length)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
})

test('every type has an answer', () => {
  for (const datatype of Datatype.options) {
    expect(() => bytesOfElements('x', datatype, [Symbol('never')]), datatype).toThrow('x has an element')
  }
})
