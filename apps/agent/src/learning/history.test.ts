import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HeldMark, KeptDetector } from '@skerry/contract/held/learnings'
import { encodeRow, readRows } from '@skerry/inference/learn/recorded-rows'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type HistoryDeps, openLearningHistory } from './history.ts'

const SPEC = {
  name: 'pump',
  device: 'line-1',
  source: 'plc',
  tags: ['bar'],
  seconds: 100,
  everyMs: 1_000,
  samples: 4,
  falseAlarmDays: 7,
  keepSeconds: 10,
  result: 'version',
  accept: [],
}
const kept = (part: object = {}) => KeptDetector.parse({ learning: 'lrn_abcdefgh234567', spec: { ...SPEC, ...part } })
const mark = (letter: string, part: object = {}) =>
  HeldMark.parse({
    mark: `lmk_abcdefgh23456${letter}`,
    name: 'pump',
    kind: 'normal',
    fromMs: 106_000,
    toMs: 108_000,
    ...part,
  })

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-history-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A device whose tag is its time in seconds. A row comes at each step. */
function depsWith({ steps }: { steps: number }): HistoryDeps & { rows(): number } {
  let nowMs = 100_000
  let left = steps
  let rows = 0
  return {
    folder,
    rows: () => rows,
    log: { info: () => {}, warn: () => {} },
    runner: {
      askSources: async () => {
        rows += 1
        const value = { tag: 'bar', quality: 'good', value: nowMs / 1_000, receivedTimeMs: nowMs }
        return { ok: true, said: { readings: [{ value }] } } as never
      },
    },
    clock: {
      nowMs: () => nowMs,
      async sleep(ms, signal) {
        signal.throwIfAborted()
        if (left === 0) {
          const aborted = Promise.withResolvers<never>()
          signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
          await aborted.promise
        }
        left -= 1
        nowMs += ms
      },
    },
  }
}

test('a marked time is copied with the rows before its first window, over the border of two files', async () => {
  const deps = depsWith({ steps: 13 })
  await using history = await openLearningHistory(deps)
  await history.follow([kept()], [])
  await until(() => deps.rows() === 13)
  const [one, late, gone] = [
    mark('2', { fromMs: 112_000, toMs: 112_500 }),
    mark('3', { fromMs: 1, toMs: 2 }),
    mark('4'),
  ]
  await until(async () => (await readdir(join(folder, 'pump'))).includes('older.f64'))
  await history.follow([kept()], [one, late, gone])
  expect(history.held()).toEqual([
    { mark: one.mark, rows: 5 },
    { mark: late.mark, rows: 0 },
    { mark: gone.mark, rows: 7 },
  ])
  const { normal } = history.marksFor(kept().spec)
  expect(normal.map((part) => part.mark)).toEqual([one.mark, gone.mark])
  const { rows } = await readRows(normal[0]?.path ?? '', ['bar'], 1_000)
  expect(Array.from(rows.values)).toEqual([108, 109, 110, 111, 112])
})

test('copies outlive a restart and the newest rows, and end with their mark', async () => {
  const first = depsWith({ steps: 9 })
  {
    await using history = await openLearningHistory(first)
    await history.follow([kept()], [])
    await until(() => first.rows() === 9)
    await history.follow([kept()], [mark('2')])
  }
  await using again = await openLearningHistory(depsWith({ steps: 0 }))
  expect(again.held()).toEqual([{ mark: mark('2').mark, rows: 7 }])
  // Other tags have other rows: these count no more, and nothing is lost if the tags come back.
  await again.follow([kept({ tags: ['flow'] })], [mark('2')])
  expect(again.marksFor(kept({ tags: ['flow'] }).spec).normal).toEqual([])
  expect(again.marksFor(kept().spec).normal).toHaveLength(1)
  await again.follow([kept()], [])
  expect(again.held()).toEqual([])
  expect(await readdir(join(folder, 'pump', 'marks'))).toEqual([])
  await again.follow([], [])
  expect(await readdir(folder)).toEqual([])
})

test('a half-written copy is made again, and left-out times reach the training without rows', async () => {
  await mkdir(join(folder, 'pump', 'marks'), { recursive: true })
  await writeFile(join(folder, 'pump', 'marks', `${mark('2').mark}.f64`), 'torn')
  await writeFile(join(folder, 'pump', 'marks', `${mark('2').mark}.json`), '{"rows":')
  const deps = depsWith({ steps: 9 })
  await using history = await openLearningHistory(deps)
  const left = mark('3', { kind: 'left-out' })
  await history.follow([kept()], [left])
  await until(() => deps.rows() === 9)
  await history.follow([kept()], [mark('2'), left, mark('4', { kind: 'of a later hub' })])
  expect(history.held()).toEqual([{ mark: mark('2').mark, rows: 7 }])
  expect(history.marksFor(kept().spec).leftOut).toEqual([{ mark: left.mark, fromMs: 106_000, toMs: 108_000 }])
})

test('rows of a left-out time are not learned, and no window spans them', async () => {
  const path = join(folder, 'rows.f64')
  await writeFile(path, Buffer.concat(Array.from({ length: 10 }, (_, at) => encodeRow(at * 1_000, [at]))))
  const recording = await readRows(path, ['bar'], 1_000, [{ fromMs: 3_000, toMs: 6_000 }])
  expect(recording).toMatchObject({ collected: 10, leftOut: 4, startedAtMs: 0, endedAtMs: 9_000 })
  expect(Array.from(recording.rows.values)).toEqual([0, 1, 2, Number.NaN, 7, 8, 9])
})
