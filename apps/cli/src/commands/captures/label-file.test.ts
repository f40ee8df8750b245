import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readLabels } from './label-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-labels-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(text: string) {
  const path = join(folder, 'labels')
  await writeFile(path, text)
  return readLabels(path)
}

test('labels come from CSV with a header, with quotes and empty cells', async () => {
  expect(
    await read('\uFEFFrequest,label,predicted,version,time\r\n"a ""1"", b",good,,,\r\nc,0,1,2,2026-11-01T00:00Z\r\n'),
  ).toEqual([
    { request: 'a "1", b', label: 'good' },
    { request: 'c', label: '0', predicted: '1', version: 2, atMs: Date.UTC(2026, 10, 1) },
  ])
})

test('labels come from JSON lines, with numbers as labels', async () => {
  expect(
    await read('{"request":"a","label":3.5}\n\n{"request":7,"label":"x","predicted":1,"version":1,"time":5}\n'),
  ).toEqual([
    { request: 'a', label: '3.5' },
    { request: '7', label: 'x', predicted: '1', version: 1, atMs: 5 },
  ])
})

test.each([
  ['', 'must name the columns request and label'],
  ['id,class\na,b\n', 'must name the columns request and label'],
  ['request,label\n', 'has no labels'],
  ['request,label\na,\n', 'line 2'],
  ['{"request":"a","label":"b"}\nnothing\n', 'line 2'],
  ['{"request":"a"}\n', 'line 1'],
  ['request,label,time\na,b,tomorrow\n', 'atMs'],
])('the file %j is rejected with its place', async (text, message) => {
  await expect(read(text)).rejects.toThrow(message)
})
