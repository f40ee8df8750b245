/** The texts of drawn tensors, and of the differences between two. */
import type { Incomparable } from '@skerry/core/tensors/tensor-difference'
import { count, number } from './count.ts'

export const tensorTexts = {
  said: (name: string, numbers: number, low: string, high: string) =>
    `${name}: ${count(numbers, 'number')} from ${low} to ${high}. The table has the numbers.`,
  actual: 'Actual',
  expected: 'Expected',
  difference: 'Difference',
  index: 'Index',
  element: (index: number) => `Element ${number.format(index)}`,
  elements: (from: number, to: number) => `Elements ${number.format(from)} to ${number.format(to)}`,
  bounds: (min: string, mean: string, max: string) => `${min} to ${max}, mean ${mean}`,
  sampled: (shown: number, all: number) => `${number.format(all)} numbers in ${number.format(shown)} parts`,
  band: 'minimum to maximum',
  block: (rows: number, columns: number) => `${number.format(rows)} × ${number.format(columns)}`,
  notFinite: 'not finite',
  noDrawing: 'There is no drawing of these values. JSON shows them.',
  equal: 'Equal to the expected output',
  within: 'Within the tolerance',
  outside: (outside: number, all: number) =>
    `${number.format(outside)} of ${count(all, 'value')} outside of the tolerance`,
  largest: 'Largest difference',
  mean: 'Mean difference',
  share: 'Outside of the tolerance',
  at: (index: string) => `at ${index}`,
  tolerance: (absolute: number, relative: number) => `Allowed: ${absolute} + ${relative} × |expected|`,
  incomparable: {
    missing: 'The answer lacks this output.',
    added: 'There is no expected output of this name.',
    datatype: 'The expected output has another type.',
    shape: 'The expected output has another shape.',
    bytes: 'The bytes do not fit the shape.',
  } satisfies Record<Incomparable, string>,
  chart: (name: string, largest: string) => `${name}: differences along the elements, the largest is ${largest}`,
} as const
