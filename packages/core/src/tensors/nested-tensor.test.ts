import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flatTensor, nestElements, tensorFromJson } from './nested-tensor.ts'

const window = { name: 'window', shape: [-1, 2, 3] }
const CASE = [
  [1, 2, 3],
  [4, 5, 6],
]

test.each([
  ['a whole batch', [CASE, CASE], [2, 2, 3]],
  ['a single case as a batch of one', CASE, [1, 2, 3]],
  ['flat data with the batch given by its length', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 2, 3]],
])('a tensor is built from %s', (_what, data, shape) => {
  const tensor = flatTensor(window, data)
  expect(tensor.shape).toEqual(shape)
  expect(tensor.elements).toEqual([data].flat(9))
})

test('a scalar tensor accepts a scalar', () => {
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
    'window takes the shape [any, 2, 3], but this has [1, 2, 2]',
  ],
  [
    'uneven nesting',
    [
      [1, 2, 3],
      [4, 5],
    ],
    'window is not nested evenly',
  ],
  ['a number', 5, 'window takes the shape [any, 2, 3], but this has []'],
  ['too few flat elements', [1, 2, 3, 4], 'window takes the shape [any, 2, 3], but this has [4]'],
])('a tensor is rejected for %s', (_what, data, message) => {
  expect(() => flatTensor(window, data)).toThrow(message)
})

test('a shape with two open dimensions is not guessed', () => {
  expect(() => flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4])).not.toThrow()
  expect(flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4]).shape).toEqual([1, 4])
  expect(() => flatTensor({ name: 'x', shape: [-1, -1, 2] }, [1, 2, 3, 4])).toThrow()
})

test('for any nested arrays, elements are neither lost nor invented', () => {
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

test('a tensor becomes bytes, or is rejected with the accepted values', () => {
  const spec = { name: 'x', shape: [-1, 2], datatype: 'INT16' as const }
  expect(tensorFromJson(spec, [1, -1])).toEqual({ shape: [1, 2], bytes: new Uint8Array([1, 0, 255, 255]) })
  expect(() => tensorFromJson(spec, [1, 40_000])).toThrow(
    'x has an element that is not INT16 in JSON; give an integer from -32768 to 32767',
  )
  expect(() => tensorFromJson({ ...spec, datatype: 'FP16' }, [1, 2])).toThrow('not FP16 in JSON; give raw bytes')
})

test('for any shape, a nested tensor is flattened to the same elements', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(shapes, (shape) => {
      const elements = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => at)
      expect(flatTensor({ name: 'x', shape }, nestElements(elements, shape))).toEqual({ shape, elements })
    }),
  )
})
