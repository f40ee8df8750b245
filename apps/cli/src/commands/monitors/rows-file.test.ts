/** Rows file: rows of one shape are one request if the model takes batches of any size, and a request each otherwise. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANOMALY } from '../../../test/fake-hub/fake-data.ts'
import { readRows } from './rows-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-rows-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function rowsFor(first: number) {
  const file = join(folder, `rows-${first}.json`)
  await writeFile(file, JSON.stringify({ x: Array.from({ length: 40 }, (_, at) => [[at, at + 0.5]]) }))
  const inputs = [{ name: 'x', datatype: 'FP32' as const, shape: [first, 2] }]
  return readRows([{ file }], { ...ANOMALY, summary: { ...ANOMALY.summary, inputs } })
}

test('a model that takes batches gets more rows than there are golden cases, at once', async () => {
  const { cases } = await rowsFor(-1)
  expect(cases).toHaveLength(1)
  const x = cases[0]?.inputs.x
  expect(x?.shape).toEqual([40, 2])
  const values = new Float32Array(new Uint8Array(Buffer.from(x?.data ?? '', 'base64')).buffer)
  expect([...values].slice(-2)).toEqual([39, 39.5])
})

test('a model that takes one row gets each row by itself', async () => {
  const { cases } = await rowsFor(1)
  expect(cases.map(({ inputs }) => inputs.x?.shape)).toEqual(Array.from({ length: 40 }, () => [1, 2]))
})
