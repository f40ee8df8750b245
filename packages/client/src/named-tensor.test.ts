import { expect, test } from 'vitest'
import { elementsOfTensor, namedTensorOf, writtenElements } from './named-tensor.ts'

test('written values are sent as bytes and read back exactly', () => {
  const spec = { name: 'n', datatype: 'INT64' as const, shape: [-1] }
  const tensor = namedTensorOf(spec, [1, 9_007_199_254_740_993n])
  expect(tensor).toEqual({ name: 'n', datatype: 'INT64', shape: [2], data: 'AQAAAAAAAAABAAAAAAAgAA==' })
  expect(elementsOfTensor(tensor)).toEqual([1n, 9_007_199_254_740_993n])
  expect(() => namedTensorOf(spec, [1.5])).toThrow('n has an element that is not INT64')
})

test('plain values are taken unchanged, and invalid bytes give no elements', () => {
  expect(elementsOfTensor({ name: 'y', datatype: 'FP32', shape: [2], data: [1, 2] })).toEqual([1, 2])
  expect(elementsOfTensor({ name: 'y', datatype: 'FP32', shape: [1], data: 'AAA=' })).toBeUndefined()
})

test('values are shown with the digits that people wrote', () => {
  const spec = { name: 'x', datatype: 'FP32' as const, shape: [-1] }
  expect(writtenElements(namedTensorOf(spec, [43.39, 0.1]))).toEqual([43.39, 0.1])
  expect(writtenElements({ ...namedTensorOf({ ...spec, datatype: 'FP64' }, [0.1 + 0.2]) })).toEqual([0.1 + 0.2])
})
