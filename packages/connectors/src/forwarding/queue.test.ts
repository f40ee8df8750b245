import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Lane, SinkBatch, SinkValue } from '@skerry/contract/sinks/sink-value'
import { expect, onTestFinished, test } from 'vitest'
import { decodeBatch, encodeBatch } from './batch-blob.ts'
import { openLossReserve } from './loss-reserve.ts'
import { openForwardQueue, type QueueOptions } from './queue.ts'

const valueAt = (eventTimeMs: number): SinkValue => ({
  signal: 'a/b',
  quality: 'good',
  value: eventTimeMs,
  eventTimeMs,
})
const valuesFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => valueAt(first + index))

function newOptions(more: Partial<QueueOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-queue-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const time = { wallMs: 1_000_000, monotonicMs: 0 }
  const clock = { nowMs: () => time.wallMs, monotonicMs: () => time.monotonicMs }
  const limits = { bytesMax: 1024 ** 2, ageMaxSeconds: 3_600 }
  return { options: { path: join(folder, 'queue'), limits, valuesMax: 10, clock, ...more }, time }
}

const eventTimes = (batch: SinkBatch | undefined) => batch?.values.map(({ eventTimeMs }) => eventTimeMs)

test('values come out of each lane as they went in, in batches of several rows, with numbers that go on', () => {
  const { options } = newOptions()
  using queue = openForwardQueue(options)
  for (let at = 0; at < 24; at += 4) queue.append([{ lane: 'normal', values: valuesFrom(at, 4) }])
  queue.append([{ lane: 'urgent', values: valuesFrom(500, 25) }])
  expect(queue.take('bulk')).toBeUndefined()
  for (const [first, count] of [
    [1, 10],
    [11, 10],
    [21, 4],
  ] as const) {
    const batch = queue.take('normal')
    expect(batch).toMatchObject({ stream: queue.stream, lane: 'normal', first })
    expect(eventTimes(batch)).toEqual(valuesFrom(first - 1, count).map(({ eventTimeMs }) => eventTimeMs))
    if (batch) queue.finish(batch)
  }
  expect(queue.take('normal')).toBeUndefined()
  expect(queue.lanes().map(({ lane, waiting }) => [lane, waiting])).toContainEqual(['urgent', 25])
})

test('a queue that is opened again is as it was, in the middle of a row, too', () => {
  const { options } = newOptions()
  const stream = (() => {
    using queue = openForwardQueue(options)
    queue.append([{ lane: 'normal', values: valuesFrom(0, 10) }])
    const batch = queue.take('normal')
    if (batch) queue.finish({ ...batch, values: batch.values.slice(0, 3) })
    return queue.stream
  })()
  using queue = openForwardQueue({ ...options, valuesMax: 4 })
  expect(queue.lanes().find(({ lane }) => lane === 'normal')).toMatchObject({ waiting: 7 })
  const batch = queue.take('normal')
  expect([batch?.stream, batch?.first, eventTimes(batch)]).toEqual([stream, 4, [3, 4, 5, 6]])
  queue.append([{ lane: 'normal', values: [valueAt(77)] }])
  for (let next = batch; next; next = queue.take('normal')) queue.finish(next)
  queue.append([{ lane: 'normal', values: [valueAt(78)] }])
  // Numbers are not used again, however empty the queue was.
  expect(queue.take('normal')?.first).toBe(12)
})

test('what is over the bytes is dropped, the least urgent and oldest first, and counted to the value', () => {
  const { options } = newOptions({ limits: { bytesMax: 40_000, ageMaxSeconds: 3_600 }, valuesMax: 100 })
  using queue = openForwardQueue(options)
  queue.append([{ lane: 'urgent', values: valuesFrom(0, 300) }])
  for (let at = 0; at < 20_000; at += 100) queue.append([{ lane: 'bulk', values: valuesFrom(at, 100) }])
  const [loss, ...others] = queue.losses()
  expect(others).toEqual([])
  const kept = queue.lanes().find(({ lane }) => lane === 'bulk')
  expect(loss).toEqual({
    lane: 'bulk',
    reason: 'bytes',
    first: 1,
    last: 20_000 - (kept?.waiting ?? 0),
    count: 20_000 - (kept?.waiting ?? 0),
    fromMs: 0,
    toMs: 20_000 - (kept?.waiting ?? 0) - 1,
  })
  expect(queue.lanes().find(({ lane }) => lane === 'urgent')?.waiting).toBe(300)
  expect(queue.lanes().reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(40_000)
})

test('what is on its way is not dropped, so that nothing is counted and delivered', () => {
  const { options } = newOptions({ limits: { bytesMax: 2_000, ageMaxSeconds: 3_600 }, valuesMax: 100 })
  using queue = openForwardQueue(options)
  queue.append([{ lane: 'normal', values: valuesFrom(0, 50) }])
  const batch = queue.take('normal')
  queue.append([{ lane: 'normal', values: valuesFrom(50, 500) }])
  expect(queue.losses()).toEqual([])
  if (batch) queue.finish(batch)
  queue.release()
  queue.enforce()
  expect(queue.losses()).toMatchObject([{ first: 51 }])
})

test('age is time that passed, not what a clock says that was set', () => {
  const { options, time } = newOptions()
  using queue = openForwardQueue(options)
  queue.append([{ lane: 'normal', values: valuesFrom(0, 5) }])
  time.wallMs += 50 * 365 * 86_400_000
  queue.enforce()
  expect(queue.losses()).toEqual([])
  time.monotonicMs += 3_600_001
  queue.enforce()
  expect(queue.losses()).toMatchObject([{ reason: 'age', first: 1, last: 5, count: 5 }])
})

test('what is refused is counted, set aside for a person, and in nobody else’s way', () => {
  const { options } = newOptions()
  using queue = openForwardQueue(options)
  queue.append([{ lane: 'normal', values: valuesFrom(0, 3) }])
  const batch = queue.take('normal')
  if (batch) queue.refuse({ ...batch, values: batch.values.slice(0, 1) }, { code: 'value_refused', message: 'no' })
  expect(queue.losses()).toMatchObject([{ reason: 'refused', first: 1, last: 1, count: 1 }])
  expect(queue.aside()).toMatchObject([{ sequence: 1, code: 'value_refused', message: 'no' }])
  expect(queue.take('normal')?.first).toBe(2)
})

test('a row that can no longer be read is counted, and the next one is sent', () => {
  const { options } = newOptions()
  using queue = openForwardQueue(options)
  queue.append([{ lane: 'normal', values: valuesFrom(0, 10) }])
  queue.append([{ lane: 'normal', values: valuesFrom(10, 10) }])
  using other = new DatabaseSync(`${options.path}.sqlite`)
  other.exec("UPDATE batch SET content = CAST('rubbish' AS BLOB) WHERE first = 1")
  expect(queue.take('normal')?.first).toBe(11)
  expect(queue.losses()).toMatchObject([{ reason: 'damaged', first: 1, last: 10, count: 10 }])
})

test('a file that is no database is set aside, and a queue with another name begins', () => {
  const { options } = newOptions()
  const before = (() => {
    using queue = openForwardQueue(options)
    queue.append([{ lane: 'normal', values: valuesFrom(0, 10) }])
    return queue.stream
  })()
  writeFileSync(`${options.path}.sqlite`, 'rubbish'.repeat(1_000))
  using queue = openForwardQueue(options)
  expect([queue.isReplaced, queue.stream === before, queue.take('normal')]).toEqual([true, false, undefined])
})

test('a reserve of which the newest half was torn still has the one before', () => {
  const { options } = newOptions()
  const loss = { lane: 'normal' as Lane, reason: 'disk-full' as const, first: 1, last: 5, count: 5, fromMs: 1, toMs: 2 }
  const path = `${options.path}.reserve`
  {
    using reserve = openLossReserve(path)
    reserve.write({ serial: 1, losses: [loss], done: {} })
    reserve.write({ serial: 1, losses: [{ ...loss, last: 9, count: 9 }], done: {} })
  }
  const size = readFileSync(path).length
  const bytes = readFileSync(path)
  const newest = bytes.indexOf('"count":9')
  bytes.fill(0, newest, newest + 20)
  writeFileSync(path, bytes)
  using reserve = openLossReserve(path)
  expect(reserve.read()).toMatchObject({ serial: 1, losses: [loss] })
  appendFileSync(path, '')
  expect(readFileSync(path).length).toBe(size)
})

test('a blob gives the values back as they were', () => {
  const values: SinkValue[] = [
    { signal: 'a', quality: 'good', value: [1, true, 'x'], eventTimeMs: 5, unit: 'bar', flow: 'f' },
    { signal: 'b/c', source: 'b', tag: 'c', quality: 'uncertain', value: -0.5, cause: 'value_clamped', eventTimeMs: 3 },
    { signal: 'a', quality: 'bad', cause: 'source_lost', eventTimeMs: 9_007_199_254_740_991 },
  ]
  expect(decodeBatch(encodeBatch(values))).toEqual(values)
  const torn = encodeBatch(values).slice(0, 50)
  expect(decodeBatch(torn)).toBeUndefined()
})
