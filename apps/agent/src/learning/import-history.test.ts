import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readRows } from '@skerry/inference/learn/recorded-rows'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { importHistory, readHistory } from './import-history.ts'
import type { HistoryImport } from './import-options.ts'
import { copyRecording } from './recordings.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function fileOf(name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, lines.join('\r\n'))
  return path
}

const wish = (files: readonly string[], part: Partial<HistoryImport> = {}): HistoryImport => ({
  name: 'history',
  files,
  schema: undefined,
  labels: undefined,
  tags: [],
  everyMs: undefined,
  ...part,
})

const minute = (at: number) => `2026-01-01T00:${String(at).padStart(2, '0')}:00Z`

test('a table of Anomaly Detector becomes a recording, from which a learning takes its tags in its own order', async () => {
  const lines = Array.from({ length: 6 }, (_, at) => `${minute(at)},${at},${10 * at},${at === 2 ? '' : 100 * at}`)
  const file = await fileOf('all.csv', ['timestamp,a,b,c', ...lines, ''])
  expect(await importHistory(folder, wish([file]))).toBe(0)
  const rowsPath = join(folder, 'rows.f64')
  const spec = { recording: 'history', tags: ['c', 'a'], everyMs: 60_000 }
  expect(await copyRecording(folder, spec, rowsPath)).toBeUndefined()
  const { rows, startedAtMs } = await readRows(rowsPath, ['c', 'a'], 60_000)
  expect(Array.from(rows.values)).toEqual([0, 0, 100, 1, Number.NaN, 2, 300, 3, 400, 4, 500, 5])
  expect(startedAtMs).toBe(Date.parse(minute(0)))
  expect(await copyRecording(folder, { ...spec, recording: 'other' }, rowsPath)).toMatchObject({
    code: 'recording_unknown',
  })
  expect(await copyRecording(folder, { ...spec, tags: ['d'] }, rowsPath)).toMatchObject({
    code: 'recording_unfit',
    message: 'the recording history has no tag d; it has a, b, c',
  })
  expect(await copyRecording(folder, { ...spec, everyMs: 10_000 }, rowsPath)).toMatchObject({
    advice: expect.stringContaining('--every-ms 60000'),
  })
})

test('the files of a MultiTable are joined by time, although their clocks differ by seconds', async () => {
  const hot = await fileOf('temperature.csv', ['timestamp,value', ...[0, 1, 2].map((at) => `${minute(at)},${20 + at}`)])
  const wet = await fileOf('humidity.csv', [
    'value,timestamp',
    ...[2, 0, 1].map((at) => `${50 + at},2026-01-01T00:0${at}:07Z`),
  ])
  const read = await readHistory(wish([hot, wet]))
  expect(read).toMatchObject({ ok: true, value: { tags: ['temperature', 'humidity'], everyMs: 60_000 } })
  expect(read.ok && read.value.rows.map(({ values }) => values)).toEqual([
    [20, 50],
    [21, 51],
    [22, 52],
  ])
})

const SCHEMA = JSON.stringify({
  Components: ['pump', 'fan'].map((name) => ({
    ComponentName: name,
    Columns: [
      { Name: 'Timestamp', Type: 'DATETIME' },
      { Name: `${name} speed`, Type: 'DOUBLE' },
    ],
  })),
})

test('components of Lookout for Equipment are found by their file or their folder', async () => {
  const schema = await fileOf('schema.json', [SCHEMA])
  const pump = await fileOf('asset/pump.csv', [
    'Timestamp,pump speed',
    '2020-02-01 20:00:00,1',
    '2020-02-01 20:00:10,2',
  ])
  const fan = await fileOf('asset/fan/2020.csv', ['Timestamp,fan speed', '1580587200,3', '1580587210,4'])
  expect(await readHistory(wish([pump, fan], { schema }))).toMatchObject({
    ok: true,
    value: {
      tags: ['pump_speed', 'fan_speed'],
      everyMs: 10_000,
      rows: [{ timeMs: 1_580_587_200_000, values: [1, 3] }, { values: [2, 4] }],
    },
  })
})

test('a file that does not fit is refused with its line, and leaves no recording', async () => {
  const file = await fileOf('all.csv', ['timestamp,a', `${minute(0)},1`, `${minute(1)},broken`])
  const messageOf = async (files: string[], part: Partial<HistoryImport> = {}) => {
    const read = await readHistory(wish(files, part))
    return read.ok ? 'fine' : read.message
  }
  expect(await messageOf([file])).toBe(`${file}: line 3 has "broken" in the column a, which is no number`)
  expect(await messageOf([join(folder, 'none.csv')])).toContain('there is no such file')
  const one = await fileOf('one.csv', ['timestamp,a', `${minute(0)},1`])
  const again = await fileOf('again.csv', ['timestamp,a', `${minute(0)},1`])
  expect(await messageOf([one])).toContain('fewer than two rows')
  expect(await messageOf([one, again])).toContain('two files have the tag a')
  expect(await messageOf([one], { tags: ['b'] })).toContain('no file has the column b')
  const names = Array.from({ length: 33 }, (_, at) => `t${at}`)
  const wide = await fileOf('wide.csv', [
    ['timestamp', ...names].join(','),
    [minute(0), ...names.map(() => 1)].join(','),
  ])
  expect(await messageOf([wide])).toContain('33 columns, and a learning takes 32')
  expect(await messageOf([wide], { tags: ['t1'], everyMs: 60_000 })).toBe('fine')
  expect(await messageOf([await fileOf('empty.csv', [])])).toContain('the file is empty')
  expect(await importHistory(folder, wish([file]))).toBe(2)
  expect(await readdir(folder)).not.toContain('learning-recordings')
})

test('rows of labelled times are left out', async () => {
  const file = await fileOf('all.csv', ['timestamp,a', ...[0, 1, 2, 3].map((at) => `${minute(at)},${at}`)])
  const labels = await fileOf('labels.csv', [`${minute(1)},${minute(2)}`])
  const read = await readHistory(wish([file], { labels }))
  expect(read.ok && read.value.rows.map(({ values }) => values[0])).toEqual([0, 3])
  const headed = await fileOf('headed.csv', ['start,end'])
  expect(await readHistory(wish([file], { labels: headed }))).toMatchObject({ ok: false })
})

test('a recording is replaced as a whole', async () => {
  const file = await fileOf('all.csv', ['timestamp,a', `${minute(0)},1`, `${minute(1)},2`])
  expect(await importHistory(folder, wish([file]))).toBe(0)
  expect(await importHistory(folder, wish([file], { everyMs: 120_000 }))).toBe(0)
  const note = JSON.parse(await readFile(join(folder, 'learning-recordings', 'history.json'), 'utf8'))
  expect(note).toEqual({ tags: ['a'], everyMs: 120_000, rows: 1 })
})
