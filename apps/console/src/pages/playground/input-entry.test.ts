import { elementsOfTensor } from '@skerry/client/named-tensor'
import { Datatype, type TensorSpec } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Entry,
  entryOfKind,
  entryOfTensor,
  firstEntry,
  kindsOf,
  random,
  readEntry,
  shapeWith,
  TEXT_ELEMENTS_MAX,
  zeros,
} from './input-entry.ts'

const spec = (shape: number[], datatype: TensorSpec['datatype'] = 'FP32') => ({ name: 'x', datatype, shape })
const elementsOf = (of: TensorSpec, entry: Entry) => {
  const read = readEntry(of, entry)
  return read.ok ? elementsOfTensor(read.tensor) : read.message
}

test.each([
  ['a scalar', [], 'values', 1],
  ['a short vector', [1, 4], 'values', 4],
  ['a short batch', [-1, 3], 'values', 3],
  ['a window', [-1, 8, 2], 'values', 16],
  ['a long vector', [1, 17], 'json', undefined],
  ['a picture', [-1, 3, 32, 32], 'image', undefined],
])('%s is first entered as %s', (_what, shape, kind, fields) => {
  const entry = firstEntry(spec(shape))
  expect(entry.kind).toBe(kind)
  if (entry.kind === 'values') expect(entry.values).toHaveLength(fields ?? 0)
})

test.each([
  ['FP32', ['1.5', ' -2e3 '], [1.5, -2_000]],
  ['FP16', ['0.5', '2'], [0.5, 2]],
  ['INT64', ['9007199254740993', '-1'], [9_007_199_254_740_993n, -1n]],
  ['BOOL', ['true', 'false'], [true, false]],
  ['BYTES', ['', ' é'], ['', ' é']],
  ['UINT8', ['0', '255'], [0, 255]],
] as const)('%s is read from fields', (datatype, values, elements) => {
  expect(elementsOf(spec([2], datatype), { kind: 'values', sizes: [], values })).toEqual(elements)
})

test.each([
  ['FP32', ['1', ''], 'element 1 is not a number within single precision'],
  ['FP32', ['1', 'two'], 'element 1 is not a number within single precision'],
  ['UINT8', ['1', '256'], 'an element is not an integer from 0 to 255'],
  ['INT64', ['1', '1.5'], 'element 1 is not an integer from -2^63 to 2^63 - 1'],
] as const)('%s refuses %j', (datatype, values, message) => {
  expect(elementsOf(spec([2], datatype), { kind: 'values', sizes: [], values })).toBe(message)
})

test('JSON may be nested, flat or a single case; half precision too', () => {
  const json = (text: string): Entry => ({ kind: 'json', sizes: ['1'], text })
  const window = spec([-1, 2, 2])
  for (const text of ['[[[1,2],[3,4]]]', '[[1,2],[3,4]]', '[1,2,3,4]'])
    expect(elementsOf(window, json(text))).toEqual([1, 2, 3, 4])
  expect(elementsOf(spec([-1], 'FP16'), json('[0.5]'))).toEqual([0.5])
  expect(elementsOf(window, json('[1,2'))).toBe('this is not JSON')
  expect(elementsOf(window, json(''))).toBe('nothing has been entered')
  expect(elementsOf(window, json('[1,2,3]'))).toContain('x takes the shape [any, 2, 2]')
})

test('open dimensions are sizes, or the shape is not known', () => {
  expect(shapeWith(spec([-1, 3, -1]), ['2', '5'])).toEqual([2, 3, 5])
  for (const sizes of [['', '5'], ['0', '5'], ['-1', '5'], ['1.5', '5'], ['2'], ['999999', '999999']])
    expect(shapeWith(spec([-1, 3, -1]), sizes)).toBeUndefined()
  expect(elementsOf(spec([-1]), { kind: 'values', sizes: ['x'], values: ['1'] })).toBe('an open dimension has no size')
})

test('what was entered is kept when the form changes, as far as it fits', () => {
  const of = spec([-1, 2])
  const fields: Entry = { kind: 'values', sizes: ['1'], values: ['1', '2'] }
  const text = entryOfKind('json', of, ['1'], fields)
  expect(text).toEqual({ kind: 'json', sizes: ['1'], text: '[[1,2]]' })
  expect(text && entryOfKind('values', of, ['1'], text)).toEqual(fields)
  expect(entryOfKind('values', of, ['2'], fields)).toEqual({ kind: 'values', sizes: ['2'], values: ['1', '2', '', ''] })
  expect(entryOfKind('values', of, ['20'], fields)).toBeUndefined()
  expect(kindsOf(of, ['20'])).toEqual(['json'])
  expect(kindsOf(spec([1, 3, 32, 32]), [])).toEqual(['json', 'image'])
})

test('a whole tensor is editable where it is short', () => {
  expect(entryOfTensor(spec([-1, 2]), zeros(spec([-1, 2]), [2, 2]), 'zeros')).toMatchObject({
    kind: 'values',
    sizes: ['2'],
  })
  expect(entryOfTensor(spec([-1]), zeros(spec([-1]), [20]), 'zeros').kind).toBe('json')
  const long = zeros(spec([-1]), [TEXT_ELEMENTS_MAX + 1])
  expect(entryOfTensor(spec([-1]), long, 'zeros')).toEqual({
    kind: 'made',
    sizes: [String(TEXT_ELEMENTS_MAX + 1)],
    tensor: long,
    from: 'zeros',
  })
  const infinite = { ...spec([1]), data: 'AACAfw==' }
  expect(entryOfTensor(spec([1]), infinite, 'golden').kind).toBe('made')
})

test('whatever the type, zeros and chance make tensors that the form reads again', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 })
  fc.assert(
    fc.property(fc.constantFrom(...Datatype.options), shapes, fc.boolean(), (datatype, shape, isRandom) => {
      const of = spec(shape, datatype)
      const tensor = isRandom ? random(of, shape, () => 0.4) : zeros(of, shape)
      const read = readEntry(of, entryOfTensor(of, tensor, 'test'))
      expect(read).toEqual({ ok: true, tensor })
    }),
  )
})
