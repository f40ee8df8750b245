/** File sink: JSON lines, CSV and Parquet, closed files, torn lines, and a disk that fails. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileSink } from '@skerry/contract/sinks/sink'
import type { SinkBatch } from '@skerry/contract/sinks/sink-value'
import { parquetReadObjects } from 'hyparquet'
import { expect, onTestFinished, test } from 'vitest'
import { openSink } from '../sinks/sinks.ts'

function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-file-sink-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const batchOf = (first: number): SinkBatch => ({
  stream: '00112233445566aa',
  lane: 'normal',
  first,
  values: [
    {
      signal: 'p/speed',
      source: 'p',
      tag: 'speed',
      quality: 'good',
      value: first + 0.5,
      unit: '1/min',
      eventTimeMs: first,
    },
    { signal: 'p/label', quality: 'uncertain', value: '=A1,"x"', cause: 'value_clamped', eventTimeMs: first + 1 },
    { signal: 'p/torque', quality: 'bad', cause: 'source_lost', eventTimeMs: first + 2 },
  ],
})

type Clock = { nowMs(): number; monotonicMs(): number; sleep(): Promise<void> }
const still: Clock = { nowMs: () => Date.UTC(2026, 10, 27), monotonicMs: () => 0, sleep: async () => undefined }

async function sendAll(folder: string, connection: object, batches: readonly SinkBatch[], clock: Clock = still) {
  const sink = FileSink.parse({ name: 'out', protocol: 'file', connection: { folder: 'values', ...connection } })
  const { signal } = new AbortController()
  await using session = await openSink(sink, { clock, random: Math.random, folder, secrets: {} }, signal)
  for (const batch of batches) expect(await session.send(batch, signal)).toEqual({ ok: true })
}

test('JSON lines hold the sent values, and a torn line is cut off', async () => {
  const folder = newFolder()
  await sendAll(folder, {}, [batchOf(1)])
  const path = join(folder, 'values/out.open.jsonl')
  appendFileSync(path, '{"id":"torn')
  await sendAll(folder, {}, [batchOf(4)])
  const rows = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6].map((at) => `00112233445566aa.normal.${at}`))
})

test('CSV has a heading once in each file, and a spreadsheet runs none of its values', async () => {
  const folder = newFolder()
  await sendAll(folder, { format: 'csv' }, [batchOf(1), batchOf(4)])
  const lines = readFileSync(join(folder, 'values/out.open.csv'), 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(7)
  expect(lines.slice(0, 4)).toEqual([
    'time,signal,value,quality,cause,unit,source,tag,flow,id',
    '1970-01-01T00:00:00.001Z,p/speed,1.5,good,,1/min,p,speed,,00112233445566aa.normal.1',
    '1970-01-01T00:00:00.002Z,p/label,"\'=A1,""x""",uncertain,value_clamped,,,,,00112233445566aa.normal.2',
    '1970-01-01T00:00:00.003Z,p/torque,,bad,source_lost,,,,,00112233445566aa.normal.3',
  ])
})

test('a file is rotated by size and by age, and a limited number is kept', async () => {
  const folder = newFolder()
  const batches = Array.from({ length: 30 }, (_, index) => batchOf(1 + index * 3))
  await sendAll(folder, { rotateBytes: 1_024, filesMax: 4 }, batches)
  expect(readdirSync(join(folder, 'values'))).toHaveLength(5)
  const other = newFolder()
  let nowMs = Date.now()
  await sendAll(other, { rotateSeconds: 10 }, batches.slice(0, 5), { ...still, nowMs: () => (nowMs += 6_000) })
  expect(readdirSync(join(other, 'values')).length).toBeGreaterThan(1)
})

test('other programs read Parquet files with times as times and numbers as numbers', async () => {
  const folder = newFolder()
  const batches = Array.from({ length: 10 }, (_, index) => batchOf(1 + index * 3))
  await sendAll(folder, { format: 'parquet', rotateBytes: 1_024 }, batches)
  const names = readdirSync(join(folder, 'values'))
    .filter((name) => name.endsWith('.parquet'))
    .sort()
  const rows = []
  for (const name of names) {
    const bytes = readFileSync(join(folder, 'values', name))
    rows.push(
      ...(await parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) })),
    )
  }
  expect(rows.length).toBeGreaterThan(20)
  expect(rows[0]).toEqual({
    time: new Date(1),
    signal: 'p/speed',
    number: 1.5,
    text: null,
    quality: 'good',
    cause: null,
    unit: '1/min',
    source: 'p',
    tag: 'speed',
    flow: null,
    id: '00112233445566aa.normal.1',
  })
  expect(rows[1]).toMatchObject({ number: null, text: '=A1,"x"', cause: 'value_clamped' })
  expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => `00112233445566aa.normal.${index + 1}`))
})
