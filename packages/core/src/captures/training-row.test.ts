/** The captured rows that can train, and the numbers that their labels give. */
import type { Tensor } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import {
  answerOf,
  commonForm,
  isHeldOut,
  leftOutReason,
  redactedInput,
  rowForm,
  trainingInput,
} from './training-row.ts'

const tensor = (shape: number[], datatype: Tensor['datatype'] = 'FP32'): Tensor => ({ datatype, shape, data: '' })

const rowOf = (inputs: Record<string, Tensor>, redacted: string[] = []) => ({ inputs, redacted })

test('a row has the form of its input without the dimension of the rows', () => {
  const form = (shape: number[], datatype?: Tensor['datatype']) => rowForm(rowOf({ x: tensor(shape, datatype) }))
  expect(form([1, 3, 8, 8], 'UINT8')).toEqual({ ok: true, form: { type: 'uint8', shape: [3, 8, 8] } })
  expect(form([1, 4], 'FP64')).toEqual({ ok: true, form: { type: 'float32', shape: [4] } })
  expect(form([1])).toEqual({ ok: true, form: { type: 'float32', shape: [1] } })
  expect(form([4])).toEqual({ ok: true, form: { type: 'float32', shape: [4] } })
  expect(form([1, 1], 'BYTES')).toEqual({ ok: false, why: 'input' })
})

test('of several inputs the owner names one', () => {
  const inputs = { x: tensor([1, 2]), y: tensor([1, 3]) }
  expect(rowForm(rowOf(inputs))).toEqual({ ok: false, why: 'input' })
  expect(rowForm(rowOf(inputs), 'y')).toEqual({ ok: true, form: { type: 'float32', shape: [3] } })
  expect(rowForm(rowOf(inputs), 'z')).toEqual({ ok: false, why: 'input' })
  expect(trainingInput({})).toBeUndefined()
})

test.each(['x', 'x[1]', 'x[:, 0:4]', 'y[0]'])('a row whose input is redacted by %s is left out', (redacted) => {
  const row = rowOf({ x: tensor([1, 2]), y: tensor([1, 2]) }, [redacted])
  expect(rowForm(row, 'x')).toEqual({ ok: false, why: 'redacted' })
  expect(redactedInput(row)).toBe(redacted)
})

test('a redacted answer takes nothing from the input', () => {
  expect(rowForm(rowOf({ x: tensor([1, 2]) }, ['p', 'xx[0]']))).toMatchObject({ ok: true })
})

test('a label is a named class, a whole number or a number', () => {
  const named = { kind: 'classes', names: ['ok', 'worn', '7.0'] } as const
  expect(['ok', ' worn ', '7', 'Ok', '0'].map((label) => answerOf(label, named))).toEqual([
    0,
    1,
    2,
    undefined,
    undefined,
  ])
  const whole = { kind: 'whole' } as const
  const labels = ['0', '12', '3.0', '-1', '1.5', 'worn', '10000', '1e400', ' ']
  expect(labels.map((label) => answerOf(label, whole))).toEqual([0, 12, 3, ...Array(6).fill(undefined)])
  const numbers = { kind: 'numbers' } as const
  expect(['-1.5', '2e3', 'many', 'Infinity', ''].map((label) => answerOf(label, numbers))).toEqual([
    -1.5,
    2_000,
    undefined,
    undefined,
    undefined,
  ])
})

test('rows of the most frequent form are offered', () => {
  const small = { type: 'float32' as const, shape: [2] }
  const large = { type: 'float32' as const, shape: [3] }
  expect(commonForm([small, large, large])).toEqual(large)
  expect(commonForm([small, large])).toEqual(small)
  expect(commonForm([])).toBeUndefined()
})

test('the reason names why each row is left out', () => {
  const leftOut = { unlabelled: 3, redacted: 2, input: 0, label: 1, shape: 0 }
  expect(leftOutReason('grader', 6, { leftOut, strange: 'unsure' })).toBe(
    'none of the 6 captured rows of grader can train: 3 have no label, 2 have redacted inputs, 1 have a label such as unsure, which is no answer',
  )
  expect(leftOutReason('grader', 0, { leftOut, strange: undefined })).toContain('"skerry capture set grader"')
})

test('about a tenth of all rows is held out, by the digest of the request alone', () => {
  const digests = Array.from({ length: 5_000 }, (_, at) => Uint8Array.from([0, 0, at >> 8, at & 255]))
  expect(digests.filter(isHeldOut)).toHaveLength(500)
  expect(isHeldOut(Uint8Array.of(0, 0, 0, 9, 77))).toBe(true)
  expect(isHeldOut(Uint8Array.of(255, 255, 255, 255))).toBe(false)
})
