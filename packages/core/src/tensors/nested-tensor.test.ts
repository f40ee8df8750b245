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
])('refuses %s', (_what, data, message) => {
  expect(() => flatTensor(window, data)).toThrow(message)
})

test('does not guess a shape with two open dimensions', () => {
  expect(() => flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4])).not.toThrow()
  expect(flatTensor({ name: 'x', shape: [-1, -1] }, [1, 2, 3, 4]).shape).toEqual([1, 4])
  expect(() => flatTensor({ name: 'x', shape: [-1, -1, 2] }, [1, 2, 3, 4])).toThrow()
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

test('becomes bytes, or is refused with what the type takes', () => {
  const spec = { name: 'x', shape: [-1, 2], datatype: 'INT16' as const }
  expect(tensorFromJson(spec, [1, -1])).toEqual({ shape: [1, 2], bytes: new Uint8Array([1, 0, 255, 255]) })
  expect(() => tensorFromJson(spec, [1, 40_000])).toThrow(
    'x has an element that is not INT16 in JSON; give an integer from -32768 to 32767',
  )
  expect(() => tensorFromJson({ ...spec, datatype: 'FP16' }, [1, 2])).toThrow('not FP16 in JSON; give raw bytes')
})

test('what was nested is flat again, whatever its shape', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  fc.assert(
    fc.property(shapes, (shape) => {
      const elements = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => at)
      expect(flatTensor({ name: 'x', shape }, nestElements(elements, shape))).toEqual({ shape, elements })
    }),
  )
})
