/** The digest of the rows of a training, from each of the three sources. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { float32, npyOf } from '@skerry/testkit/npz'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeRow } from '../learn/recorded-rows.ts'
import { createHandedSet } from './handed-rows.ts'
import { readLabelledRows, type SentRows } from './row-source.ts'
import { digestOfSet } from './set-digest.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-set-digest-'))
})
afterAll(() => rm(folder, { recursive: true }))

type Row = { x: readonly [number, number]; label: number }

const ROWS: readonly Row[] = [
  { x: [0.5, 1], label: 0 },
  { x: [0.25, 2], label: 1 },
  { x: [0.75, 3], label: 1 },
]

let files = 0
const newPath = () => {
  files += 1
  return join(folder, String(files))
}

async function inFolder(rows: readonly Row[]): Promise<SentRows> {
  const path = newPath()
  await mkdir(path)
  await writeFile(join(path, 'data.npy'), npyOf(float32([rows.length, 2], ...rows.flatMap(({ x }) => x))))
  const labels = { descr: '|u1', shape: [rows.length], data: Uint8Array.from(rows, ({ label }) => label) } as const
  await writeFile(join(path, 'labels.npy'), npyOf(labels))
  return { folder: path }
}

async function inRecording(rows: readonly Row[]): Promise<SentRows> {
  const [notePath, rowsPath] = [newPath(), newPath()]
  await writeFile(notePath, JSON.stringify({ tags: ['a', 'b', 'class'] }))
  await writeFile(rowsPath, Buffer.concat(rows.map(({ x, label }, at) => encodeRow(at, [...x, label]))))
  return { recording: { name: 'plant', notePath, rowsPath, tags: [], label: 'class' } }
}

function handed(rows: readonly Row[], held = 0): Promise<SentRows> {
  const set = createHandedSet({ rows: 10, type: 'float32', shape: [2], classes: 2 })
  const data = Float32Array.from(rows.flatMap(({ x }) => x))
  set.add({
    data: new Uint8Array(data.buffer),
    answers: Float64Array.from(rows, ({ label }) => label),
    held: Uint8Array.from(rows, (_, at) => Number(at === held)),
  })
  return Promise.resolve({ set: set.set() })
}

async function digestIn(source: SentRows): Promise<string> {
  const read = await readLabelledRows(source)
  if (!read.ok) throw new Error(read.message)
  return digestOfSet(read.value).toString('hex')
}

const changes: [string, readonly Row[]][] = [
  ['a row more', [...ROWS, { x: [1, 1], label: 0 }]],
  ['a row less', ROWS.slice(1)],
  ['another value', [{ x: [0.5, 1.0000001], label: 0 }, ...ROWS.slice(1)]],
  ['another label', [{ x: [0.5, 1], label: 1 }, ...ROWS.slice(1)]],
  ['another order', ROWS.toReversed()],
]

test.each([
  ['a folder', inFolder],
  ['a recording', inRecording],
  ['captured rows', handed],
] as const)('the digest of %s stays with the rows, and each change of them gives another one', async (_, write) => {
  const digest = await digestIn(await write(ROWS))
  expect(await digestIn(await write(ROWS))).toBe(digest)
  const others = await Promise.all(changes.map(async ([, rows]) => digestIn(await write(rows))))
  expect(new Set([digest, ...others]).size).toBe(1 + changes.length)
})

test('a folder and a recording of the same rows have the same digest, and the held-out rows count', async () => {
  expect(await digestIn(await inFolder(ROWS))).toBe(await digestIn(await inRecording(ROWS)))
  expect(await digestIn(await handed(ROWS, 1))).not.toBe(await digestIn(await handed(ROWS, 2)))
})
