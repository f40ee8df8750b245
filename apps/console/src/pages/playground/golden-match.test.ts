import { namedTensorOf } from '@skerry/client/named-tensor'
import { expect, test } from 'vitest'
import { matchingCase } from './golden-match.ts'
import { entryOfTensor, goldenTensor, readEntry } from './input-entry.ts'

const spec = { name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }
const inputsOf = (...values: number[]) => namedTensorOf(spec, [values])
const caseOf = (...values: number[]) => {
  const { name: _name, data, ...form } = inputsOf(...values)
  return { inputs: { x: { ...form, data: String(data) } }, outputs: {} }
}
const cases = [caseOf(1, 2), caseOf(0.1, -0)]

test('inputs match the golden case with the same bytes', () => {
  expect(matchingCase([inputsOf(0.1, -0)], cases)).toBe(1)
  expect(matchingCase([inputsOf(0.1, 0)], cases)).toBeUndefined()
  expect(matchingCase([{ ...inputsOf(1, 2), shape: [2, 1] }], cases)).toBeUndefined()
  expect(matchingCase([], cases)).toBeUndefined()
  expect(matchingCase(undefined, cases)).toBeUndefined()
})

test('a golden case that went through the form still matches', () => {
  const golden = cases[0]?.inputs.x
  if (!golden) throw new Error('the case must have its input')
  const read = readEntry(spec, entryOfTensor(spec, goldenTensor(spec, golden), 'Golden case 1'))
  expect(read.ok && matchingCase([read.tensor], cases)).toBe(0)
})
