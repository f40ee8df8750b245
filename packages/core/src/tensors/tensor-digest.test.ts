import { Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestTensor } from './tensor-digest.ts'
import { bytesOfElements } from './tensor-elements.ts'

const bytes = (datatype: Datatype, elements: readonly unknown[]) =>
  bytesOfElements(datatype, elements) ?? expect.unreachable('the elements do not fit')

test.each<[Datatype, readonly unknown[], object]>([
  ['FP32', [1, 2, 6], { count: 3, first: [1, 2], numbers: { min: 1, max: 6, mean: 3 }, notFinite: 0 }],
  ['INT64', [-1n, 3n], { count: 2, first: [-1n, 3n], numbers: { min: -1, max: 3, mean: 1 } }],
  ['BOOL', [true, false, true], { count: 3, first: [true, false], notFinite: 0 }],
  ['BYTES', ['a', 'é', 'c'], { count: 3, first: ['a', 'é'] }],
  ['FP32', [], { count: 0, first: [] }],
])('%s %o', (datatype, elements, expected) => {
  expect(digestTensor(datatype, bytes(datatype, elements), 2)).toMatchObject(expected)
})

test('NaN and infinity are counted, and do not spoil the rest', () => {
  const data = new Uint8Array(Float32Array.of(Number.NaN, 4, Number.POSITIVE_INFINITY).buffer)
  expect(digestTensor('FP32', data, 8)).toMatchObject({ notFinite: 2, numbers: { min: 4, max: 4, mean: 4 } })
})

test('bytes that do not fit the type have none', () => {
  expect(digestTensor('FP32', new Uint8Array(5), 8)).toBeUndefined()
  expect(digestTensor('BYTES', Uint8Array.of(9, 0, 0, 0, 1), 8)).toBeUndefined()
})

test('whatever the bytes are, the mean lies between the ends, and no element is lost', () => {
  const anyBytes = fc.uint8Array({ maxLength: 256 })
  const numeric = Datatype.options.filter((each) => each !== 'BYTES')
  fc.assert(
    fc.property(fc.constantFrom(...numeric), anyBytes, fc.nat(10), (datatype, data, firstMax) => {
      const digest = digestTensor(datatype, data, firstMax)
      expect(digest === undefined).toBe(data.length % ELEMENT_BYTES[datatype] !== 0)
      if (!digest) return
      const { count, first, numbers } = digest
      expect(first).toHaveLength(Math.min(count, firstMax))
      if (!numbers) return
      const slack = (Math.abs(numbers.min) + Math.abs(numbers.max)) * 1e-12
      expect(numbers.mean).toBeGreaterThanOrEqual(numbers.min - slack)
      expect(numbers.mean).toBeLessThanOrEqual(numbers.max + slack)
    }),
  )
})
