/** The labels of captured rows in the store of a device, and the rows that a training gets of them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createHandedSet } from '@skerry/inference/train/handed-rows'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CaptureStore, openCaptureStore, type StoredRow } from './capture-store.ts'
import { type LabelledRows, type LabelledWish, openLabelledRows } from './labelled-rows.ts'

const KEY = Buffer.alloc(32, 7)

const WISH: LabelledWish = { model: 'm', answers: { kind: 'whole' } }

let folder: string
let store: CaptureStore
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-labelled-rows-'))
  store = await openCaptureStore(join(folder, 'captures.sqlite'), KEY)
})
afterEach(async () => {
  store[Symbol.dispose]()
  await rm(folder, { recursive: true, force: true })
})

type Given = { atMs?: number; subject?: string; redacted?: string[]; datatype?: 'FP32' | 'UINT8' | 'FP64' }

function rowOf(request: string, values: readonly number[], given: Given = {}): StoredRow {
  const { atMs = 1_000, subject, redacted = [], datatype = 'FP32' } = given
  const arrays = { FP32: Float32Array, UINT8: Uint8Array, FP64: Float64Array }
  const data = Buffer.from(arrays[datatype].from(values).buffer).toString('base64')
  const inputs = { x: { datatype, shape: [1, values.length], data } }
  const about = { version: 1, atMs, reason: 'sample' as const, redacted, inputs }
  return { ...about, request, ...(subject !== undefined && { subject }) }
}

const label = (request: string, text: string, atMs = 1_000) => ({ model: 'm', request, atMs, label: text })

async function setOf(rows: LabelledRows, wish = WISH) {
  const found = await rows.describe(wish)
  if (!found.ok) throw new Error(found.message)
  const collected = createHandedSet(found.value.facts)
  for await (const part of found.value.parts()) collected.add(part)
  return { ...found.value, set: collected.set() }
}

const labelsOf = () => store.labelled('m').map(({ sealed }) => store.openLabel(sealed))

test('a label lies beside its row, is replaced by a later one, and is not readable on the disk', async () => {
  store.add('m', [rowOf('a', [1, 2]), rowOf('b', [3, 4])])
  expect(store.label([label('a', 'torn-seal'), label('gone', '1')])).toBe(1)
  expect(store.label([label('a', 'worn-seal')])).toBe(1)
  expect(labelsOf()).toEqual(['worn-seal'])
  for (const name of ['captures.sqlite', 'captures.sqlite-wal'])
    expect((await readFile(join(folder, name))).includes('-seal'), name).toBe(false)
  store[Symbol.dispose]()
  store = await openCaptureStore(join(folder, 'captures.sqlite'), KEY)
  expect(labelsOf()).toEqual(['worn-seal'])
})

test('an agent of a version without labels opens the rows, and what it deletes has no label any more', async () => {
  store.add('m', [rowOf('a', [1, 2], { subject: 'anna' }), rowOf('b', [3, 4])])
  store.label([label('a', '1'), label('b', '0')])
  store[Symbol.dispose]()
  const earlier = new DatabaseSync(join(folder, 'captures.sqlite'))
  // Version 0.2.0 knows two migrations, and deletes a database that has more.
  expect(earlier.prepare('PRAGMA user_version').get()).toEqual({ user_version: 2 })
  earlier.exec("DELETE FROM capture WHERE subject = 'anna'")
  earlier.close()
  store = await openCaptureStore(join(folder, 'captures.sqlite'), KEY)
  expect(store.count('m')).toBe(1)
  expect(labelsOf()).toEqual(['0'])
})

test('a row that an alarm marks keeps its label, and a later row of the same request has none', () => {
  store.add('m', [rowOf('a', [1, 2])])
  store.label([label('a', '1')])
  store.add('m', [{ ...rowOf('a', [1, 2]), reason: 'alarm' }])
  expect(labelsOf()).toEqual(['1'])
  store.add('m', [rowOf('a', [9, 9], { atMs: 2_000 })])
  expect(labelsOf()).toEqual([])
  // The hub still has the label of the earlier row.
  expect(store.label([label('a', '1')])).toBe(0)
})

test('erasure, the limits of the rule and its end delete rows with their labels', () => {
  const rule = { model: 'm', sample: 1, keep: 2, keepBytes: 1e6, forSeconds: 10, redact: [] }
  const task = 'classification' as const
  store.add('m', [rowOf('a', [1], { subject: 'f'.repeat(64) }), rowOf('b', [2]), rowOf('c', [3])])
  store.label([label('a', '1'), label('b', '2'), label('c', '3')])
  expect(store.erase(['f'.repeat(64)])).toBe(1)
  expect(labelsOf().toSorted()).toEqual(['2', '3'])
  store.trim([{ ...rule, task, keep: 1 }], 1_000)
  expect(labelsOf()).toEqual(['3'])
  store.trim([], 1_000)
  expect([labelsOf(), store.count('m')]).toEqual([[], 0])
})

test('the bytes of labels count in the limit of bytes', () => {
  store.add('m', [rowOf('a', [1]), rowOf('b', [2])])
  const rule = { model: 'm', sample: 1, keep: 9, forSeconds: 10, redact: [], task: 'classification' as const }
  const bytes = 2 * JSON.stringify(rowOf('a', [1])).length + 2 * 28
  store.trim([{ ...rule, keepBytes: bytes }], 1_000)
  expect(store.count('m')).toBe(2)
  store.label([label('a', 'x'.repeat(200))])
  store.trim([{ ...rule, keepBytes: bytes }], 1_000)
  expect(store.count('m')).toBe(1)
})

test('a training gets the labelled rows in an order that stays, and all others are counted', async () => {
  const rows = openLabelledRows(store)
  expect(await rows.describe(WISH)).toMatchObject({ ok: false, message: expect.stringContaining('keeps no rows of m') })
  store.add('m', [
    ...Array.from({ length: 120 }, (_, at) => rowOf(`r${at}`, [at, -at])),
    rowOf('redacted', [0, 5], { redacted: ['x[0]'] }),
    rowOf('broken', [Number.NaN, 5]),
    rowOf('wide', [1, 2, 3]),
    rowOf('odd', [1, 2]),
    rowOf('unlabelled', [1, 2]),
  ])
  expect(await rows.describe(WISH)).toMatchObject({ ok: false, message: expect.stringContaining('125 have no label') })
  store.label(Array.from({ length: 120 }, (_, at) => label(`r${at}`, String(at % 4))))
  store.label([label('redacted', '1'), label('broken', '1'), label('wide', '1'), label('odd', 'unsure')])
  const { facts, leftOut, set } = await setOf(rows)
  expect(facts).toEqual({ rows: 120, type: 'float32', shape: [2], classes: 4 })
  expect(leftOut).toEqual({ unlabelled: 1, redacted: 1, input: 1, label: 1, shape: 1 })
  const pairs = Array.from({ length: set.rows }, (_, at) => [set.data[2 * at], set.data[2 * at + 1], set.labels[at]])
  for (const [first = 0, second = 0, answer = 0] of pairs)
    expect([second, answer]).toEqual([first === 0 ? -0 : -Number(first), BigInt(Number(first) % 4)])
  expect(new Set(pairs.map(([first]) => first)).size).toBe(120)

  // A row stays on its side of the split when others come and go.
  const heldOf = (one: typeof set) =>
    new Map(Array.from({ length: one.rows }, (_, at) => [one.data[2 * at], one.held?.[at]]))
  const before = heldOf(set)
  store.add('m', [rowOf('new', [777, 0])])
  store.label([label('new', '0')])
  store.erase([])
  const after = heldOf((await setOf(rows)).set)
  for (const [first, held] of before) expect(after.get(first)).toBe(held)
  expect(after.size).toBe(121)
  expect([...before.values()].filter((held) => held === 1).length).toBeGreaterThan(0)
})

test('a label that is given again counts in the next description', async () => {
  const rows = openLabelledRows(store)
  store.add('m', [rowOf('a', [1, 1])])
  store.label([label('a', '3')])
  expect([...(await setOf(rows)).set.labels]).toEqual([3n])
  store.label([label('a', '2')])
  expect([...(await setOf(rows)).set.labels]).toEqual([2n])
})

test('a row that is erased after the description is in no part', async () => {
  const rows = openLabelledRows(store)
  store.add('m', [rowOf('a', [1, 1], { subject: 'f'.repeat(64) }), rowOf('b', [2, 2])])
  store.label([label('a', '0'), label('b', '1')])
  const found = await rows.describe(WISH)
  store.erase(['f'.repeat(64)])
  if (!found.ok) throw new Error(found.message)
  const collected = createHandedSet(found.value.facts)
  for await (const part of found.value.parts()) collected.add(part)
  const { rows: left, data, labels } = collected.set()
  expect([left, [...data], [...labels]]).toEqual([1, [2, 2], [1n]])
})

test('bytes stay bytes, other numbers become float32, and named classes and numbers are read', async () => {
  const rows = openLabelledRows(store)
  store.add('m', [rowOf('a', [1, 255], { datatype: 'UINT8' })])
  store.label([label('a', 'worn')])
  const named = await setOf(rows, { ...WISH, answers: { kind: 'classes', names: ['ok', 'worn'] } })
  expect(named.facts).toEqual({ rows: 1, type: 'uint8', shape: [2], classes: 2 })
  expect([[...named.set.data], [...named.set.labels]]).toEqual([[1, 255], [1n]])
  store.add('m', [rowOf('a', [0.5], { datatype: 'FP64', atMs: 5 })])
  store.label([label('a', '-2.5', 5)])
  const numbers = await setOf(rows, { ...WISH, answers: { kind: 'numbers' } })
  expect(numbers.facts).toEqual({ rows: 1, type: 'float32', shape: [1], classes: 0, targets: [1] })
  expect([[...numbers.set.data], [...numbers.set.labels]]).toEqual([[0.5], [-2.5]])
})
