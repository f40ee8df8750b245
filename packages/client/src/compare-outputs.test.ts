import type { Golden } from '@skerry/contract/devices/golden'
import { expect, test } from 'vitest'
import { base64Of } from './base64.ts'
import { compareOutputs } from './compare-outputs.ts'
import { ProblemError } from './problem.ts'

const tensor = (...values: number[]) => ({
  datatype: 'FP32' as const,
  shape: [values.length],
  data: base64Of(new Uint8Array(Float32Array.from(values).buffer)),
})
const golden = (...cases: [input: number, output: number][]): Golden => ({
  tolerance: { absolute: 0.1, relative: 0 },
  cases: cases.map(([input, output]) => ({ inputs: { x: tensor(input) }, outputs: { y: tensor(output) } })),
})
const answers = (...outputs: number[]) => ({
  version: 1,
  inputsOf: 2,
  cases: outputs.map((value) => ({ outputs: { y: tensor(value) } })),
})
const never = new AbortController().signal

test('stored outputs are compared without a run if both versions have the inputs', async () => {
  const compared = { from: golden([1, 10], [2, 20]), to: golden([2, 20], [1, 12]) }
  const run = () => Promise.reject(new Error('nothing must run'))
  expect(await compareOutputs({ ...compared, run }, never)).toMatchObject({
    how: 'stored',
    onlyFrom: 0,
    onlyTo: 0,
    diff: {
      cases: [
        { number: 1, totals: { outside: 0 } },
        { number: 2, totals: { outside: 1, largest: 2 } },
      ],
    },
  })
})

test('the first version runs on the inputs of the second one if they are others', async () => {
  const compared = { from: golden([1, 10]), to: golden([2, 20], [3, 30]) }
  const asked: string[] = []
  const run = async (which: 'from' | 'to') => {
    asked.push(which)
    return answers(20.0625, 31)
  }
  expect(await compareOutputs({ ...compared, run }, never)).toMatchObject({
    how: 'run',
    inputsOf: 'to',
    onlyFrom: 1,
    onlyTo: 0,
    diff: { totals: { values: 2, outside: 1, largest: 1 } },
  })
  expect(asked).toEqual(['from'])
})

test('a second version without golden inputs runs on those of the first one', async () => {
  const run = async (which: 'from' | 'to') => answers(which === 'to' ? 11 : 0)
  const comparison = await compareOutputs({ from: golden([1, 10]), to: undefined, run }, never)
  expect(comparison).toMatchObject({ how: 'run', inputsOf: 'from', onlyFrom: 0, diff: { totals: { largest: 1 } } })
})

test('a run that fails leaves the stored outputs, and the reason', async () => {
  const problem = { code: 'permission_denied', message: 'the role viewer lacks model.run', status: 403 }
  const run = () => Promise.reject(new ProblemError({ ...problem, data: undefined }))
  const compared = { from: golden([1, 10]), to: golden([1, 10], [2, 20]) }
  expect(await compareOutputs({ ...compared, run }, never)).toMatchObject({
    how: 'stored',
    onlyTo: 1,
    diff: { totals: { values: 1 }, isWithin: true },
    problem: { code: 'permission_denied' },
  })
})

test('versions without golden inputs have no comparison', async () => {
  expect(await compareOutputs({ from: undefined, to: undefined, run: undefined }, never)).toBeUndefined()
})
