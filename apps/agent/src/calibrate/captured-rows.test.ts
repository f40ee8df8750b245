import type { CapturedRow } from '@skerry/contract/captures/capture'
import { expect, test } from 'vitest'
import { type CapturedRows, readCapturedRows } from './captured-rows.ts'

const { signal } = new AbortController()

const inputsOf = (...values: number[]) => ({
  x: {
    datatype: 'FP32' as const,
    shape: [1, values.length],
    data: Buffer.from(Float32Array.from(values).buffer).toString('base64'),
  },
})

const row = (place: number, change: Partial<CapturedRow> = {}): CapturedRow => ({
  place,
  request: `part-${place}`,
  version: 1,
  atMs: 1_000 + place,
  reason: 'sample',
  inputs: inputsOf(place, -place),
  redacted: [],
  ...change,
})

/** Pages as the store gives them: newest first, before a place. */
function capturesOf(rows: readonly CapturedRow[]): CapturedRows & { pages: number } {
  const captures = {
    pages: 0,
    settled: async () => {},
    read({ limit, before = Number.POSITIVE_INFINITY }: { limit: number; before?: number | undefined }) {
      captures.pages += 1
      const found = rows.filter(({ place }) => place < before).toSorted((a, b) => b.place - a.place)
      return { rows: found.slice(0, limit) }
    },
  }
  return captures
}

const command = { name: 'line', rows: 8, inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, 2] }] }
const read = (rows: readonly CapturedRow[], wanted = 8) =>
  readCapturedRows(capturesOf(rows), { ...command, rows: wanted }, signal)

test('the newest rows are taken, page by page, and no more than wanted', async () => {
  const many = Array.from({ length: 250 }, (_, at) => row(at + 1))
  const { cases, leftOut } = await read(many, 230)
  expect(cases).toHaveLength(230)
  expect(cases[0]).toEqual({ inputs: inputsOf(250, -250) })
  expect(cases.at(-1)).toEqual({ inputs: inputsOf(21, -21) })
  expect(leftOut).toBe(0)
})

test.each<[string, Partial<CapturedRow>, string]>([
  ['a redacted column', { redacted: ['x[1]'] }, 'x[1] is redacted'],
  ['a redacted tensor', { redacted: ['x'] }, 'x is redacted'],
  ['NaN', { inputs: inputsOf(Number.NaN, 1) }, 'x[0] is NaN or infinite'],
  ['another width', { inputs: inputsOf(1, 2, 3) }, 'x has the shape [1, 3]'],
  ['the inputs of another model', { inputs: { z: inputsOf(1, 2).x } }, 'the model has no input z'],
  ['only a prediction', { inputs: {} }, 'it has no x'],
])('a row with %s is left out, with its reason', async (_what, change, reason) => {
  const found = await read([row(1), row(2, change)])
  expect(found).toMatchObject({ cases: [{ inputs: inputsOf(1, -1) }], leftOut: 1 })
  expect(found.reason).toContain(reason)
})

test('a redacted output leaves the row as it is', async () => {
  expect(await read([row(1, { redacted: ['y', 'xy[0]'] })])).toMatchObject({ cases: [{}], leftOut: 0 })
})

test('an order that ends stops the reading', async () => {
  await expect(readCapturedRows(capturesOf([row(1)]), command, AbortSignal.abort(new Error('ended')))).rejects.toThrow(
    'ended',
  )
})
