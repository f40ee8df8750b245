import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { float32, npyOf } from '@skerry/testkit/npz'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDataSet, readDataSet } from './data-set.ts'
import { heldOutRows, planSteps, trainingRows } from './row-plan.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'skerry-data-set-'))
})
afterAll(() => rm(root, { recursive: true }))

async function folderOf(files: Record<string, Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(root, 'set-'))
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes)
  return folder
}

const idx = (sizes: readonly number[], values: readonly number[]) => {
  const header = Buffer.alloc(4 + 4 * sizes.length)
  header.set([0, 0, 8, sizes.length])
  for (const [at, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * at)
  return Buffer.concat([header, Uint8Array.from(values)])
}

const int64 = (...values: number[]) =>
  npyOf({ descr: '<i8', shape: [values.length], data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) })

test('an IDX pair and two .npy files are read, and described by their headers', async () => {
  const pictures = await folderOf({
    'train-images-idx3-ubyte': idx([2, 1, 3], [1, 2, 3, 4, 5, 6]),
    'train-labels-idx1-ubyte': idx([2], [7, 0]),
  })
  const facts = { rows: 2, type: 'uint8', shape: [1, 3], classes: 8 }
  expect(await describeDataSet(pictures)).toEqual({ ok: true, value: facts })
  expect(await readDataSet(pictures)).toMatchObject({ ok: true, value: { ...facts, labels: BigInt64Array.of(7n, 0n) } })
  const numbers = await folderOf({ 'data.npy': npyOf(float32([3, 2], 1, 2, 3, 4, 5, 6)), 'labels.npy': int64(0, 2, 1) })
  const read = await readDataSet(numbers)
  expect(read).toMatchObject({ ok: true, value: { rows: 3, type: 'float32', shape: [2], classes: 3 } })
  expect(read.ok && [...read.value.data]).toEqual([1, 2, 3, 4, 5, 6])
})

test('labels that are float32, or several for a row, are numbers and no classes', async () => {
  const data = npyOf(float32([3, 2], 1, 2, 3, 4, 5, 6))
  const one = await folderOf({ 'data.npy': data, 'labels.npy': npyOf(float32([3], 0.5, -1, 2)) })
  const facts = { rows: 3, type: 'float32', shape: [2], classes: 0 }
  expect(await describeDataSet(one)).toEqual({ ok: true, value: { ...facts, targets: [1] } })
  expect(await readDataSet(one)).toMatchObject({ value: { labels: Float32Array.of(0.5, -1, 2) } })
  const bytes = npyOf({ descr: '|u1', shape: [3, 2], data: Uint8Array.of(0, 1, 1, 1, 0, 0) })
  const several = await folderOf({ 'data.npy': data, 'labels.npy': bytes })
  expect(await readDataSet(several)).toMatchObject({
    value: { ...facts, targets: [2], labels: Float32Array.of(0, 1, 1, 1, 0, 0) },
  })
  const wrong = await folderOf({ 'data.npy': data, 'labels.npy': npyOf(float32([3, 1], 1, Number.NaN, 2)) })
  expect(await describeDataSet(wrong)).toEqual({
    ok: false,
    message: 'a label of row 1 is NaN or infinite; remove the row',
  })
})

test.each([
  ['no pair', {}, 'has neither data.npy and labels.npy, nor an IDX pair'],
  ['text', { 'data.npy': Buffer.from('a,b'), 'labels.npy': int64(1) }, 'neither .npy nor IDX'],
  [
    'other counts',
    { 'images.idx': idx([2, 2], [1, 2, 3, 4]), 'labels.idx': idx([1], [1]) },
    'there are 2 rows and 1 labels',
  ],
  [
    'a label below 0',
    {
      'images.idx': idx([1, 1], [1]),
      'labels.npy': int64(-1),
      'labels.idx': idx([1], [1]),
      'data.npy': npyOf(float32([1, 1], 1)),
    },
    'below 0',
  ],
  [
    'a label that is infinite',
    { 'data.npy': npyOf(float32([1, 1], 1)), 'labels.npy': npyOf(float32([1], Number.POSITIVE_INFINITY)) },
    'a label of row 0 is NaN or infinite',
  ],
  [
    'Fortran order',
    { 'data.npy': npyOf({ ...float32([1, 1], 1), isFortran: true }), 'labels.npy': int64(1) },
    'Fortran',
  ],
  ['one dimension', { 'data.npy': npyOf(float32([1], 1)), 'labels.npy': int64(1) }, 'at least two dimensions'],
])('rejects %s with the reason', async (_, files, message) => {
  const described = await describeDataSet(await folderOf(files as Record<string, Uint8Array>))
  expect(described).toMatchObject({ ok: false, message: expect.stringContaining(message) })
})

test('a file of rows that was cut is rejected when it is read', async () => {
  const cut = await folderOf({ 'images.idx': idx([2, 2], [1, 2, 3]), 'labels.idx': idx([2], [0, 1]) })
  expect(await readDataSet(cut)).toMatchObject({ ok: false, message: expect.stringContaining('not as long') })
})

test('held-out rows are never trained on, and each epoch trains on each other row at most once', () => {
  const sizes = { rows: fc.integer({ min: 1, max: 200 }), epochs: fc.integer({ min: 1, max: 4 }) }
  fc.assert(
    fc.property(
      sizes.rows,
      sizes.epochs,
      fc.integer({ min: 1, max: 30 }),
      fc.nat(),
      (count, epochs, batchSize, seed) => {
        const rows = trainingRows({ rows: count })
        const held = new Set(heldOutRows({ rows: count }))
        expect(rows.length + held.size).toBe(count)
        const plan = planSteps({ rows, epochs, batchSize, seed })
        expect(planSteps({ rows, epochs, batchSize, seed })).toEqual(plan)
        expect(plan.length % batchSize).toBe(0)
        expect([...plan].some((row) => held.has(Number(row)))).toBe(false)
        if (rows.length < batchSize) return
        const first = plan.subarray(0, plan.length / epochs)
        expect(new Set(first).size).toBe(first.length)
      },
    ),
  )
})
