/**
 * Laws of the hand-over: after any end of a thread or a process, each value that was handed to a queue is in it, or is
 * counted as lost.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Priority, type SinkValue } from '@skerry/contract/sinks/sink-value'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { openHandOver } from './hand-over.ts'
import { openForwardQueue } from './queue.ts'

const clock = { nowMs: () => 1e6, monotonicMs: () => 1e6 }
const limits = { bytesMax: 1024 ** 2, ageMaxSeconds: 3_600 }

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-hand-over-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'queue')
}

const valuesFrom = (firstMs: number, count: number) =>
  Array.from(
    { length: count },
    (_, index): SinkValue => ({ signal: 's', quality: 'good', value: 1, eventTimeMs: firstMs + index }),
  )

/** One run of a process: it hands over values, and its thread stores the oldest of them, in either lane. */
function live(path: string) {
  const handOver = openHandOver(`${path}.handed`)
  const begin = () => openForwardQueue({ path, limits, valuesMax: 100, clock, handed: handOver.handed() })
  let queue = begin()
  handOver.known()
  const onTheWay: { priority: Priority; values: SinkValue[]; id: number }[] = []
  let lastId = 0
  const end = () => {
    queue[Symbol.dispose]()
    onTheWay.length = 0
  }
  return {
    queue: () => queue,
    hand(values: SinkValue[], priority: Priority) {
      lastId += 1
      handOver.advance(values, priority, lastId)
      onTheWay.push({ priority, values, id: lastId })
    },
    store(isLate: boolean) {
      const next = onTheWay.shift()
      if (!next) return
      queue.append([{ lane: isLate ? `${next.priority}-late` : next.priority, values: next.values }])
      handOver.stored(next.id)
    },
    crash() {
      end()
      queue = begin()
    },
    kill() {
      end()
      handOver[Symbol.dispose]()
    },
  }
}

const countsOf = ({ queue }: ReturnType<typeof live>) => {
  const waiting = queue()
    .lanes()
    .reduce((sum, lane) => sum + lane.waiting, 0)
  const losses = queue().losses()
  return { waiting, losses, lost: losses.reduce((sum, { count }) => sum + count, 0) }
}

const anyStep = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ hand: fc.integer({ min: 1, max: 30 }), to: fc.constantFrom(...Priority.options) }),
  },
  { weight: 5, arbitrary: fc.record({ store: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
)

test('each value that was handed over is in the queue or counted as lost, at any end of the thread or process', () => {
  const path = newPath()
  let run = 0
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      run += 1
      const own = `${path}-${run}`
      let life = live(own)
      let handed = 0
      let timeMs = 1_000
      for (const step of steps) {
        if (step === 'crash') life.crash()
        else if (step === 'kill') {
          life.kill()
          life = live(own)
        } else if ('store' in step) life.store(step.store)
        else {
          life.hand(valuesFrom(timeMs, step.hand), step.to)
          handed += step.hand
          timeMs += step.hand
        }
      }
      // No value is on its way after the crash.
      life.crash()
      const { waiting, lost, losses } = countsOf(life)
      expect(waiting + lost).toBe(handed)
      for (const { first, last, count, reason, fromMs, toMs } of losses) {
        expect([reason, last - first + 1]).toEqual(['unstored', count])
        expect(fromMs >= 1_000 && fromMs <= toMs && toMs < timeMs, `${fromMs} to ${toMs}`).toBe(true)
      }
      life.kill()
    }),
    { numRuns: 40 },
  )
})

test('the times of a loss are those of the lost values, not of all values before', () => {
  const path = newPath()
  const first = live(path)
  for (let at = 0; at < 20; at += 1) {
    first.hand(valuesFrom(1_000 + at, 1), 'normal')
    if (at < 18) first.store(false)
  }
  first.kill()
  const second = live(path)
  expect(countsOf(second).losses).toMatchObject([{ lane: 'normal', first: 19, last: 20, toMs: 1_019 }])
  expect(countsOf(second).losses[0]?.fromMs).toBeGreaterThanOrEqual(1_016)
  second.kill()
})

test('a counter that a power cut set back or tore reports no stored value as lost', () => {
  const path = newPath()
  const first = live(path)
  first.hand(valuesFrom(1_000, 10), 'normal')
  const early = readFileSync(`${path}.handed`)
  first.store(false)
  first.hand(valuesFrom(1_010, 5), 'normal')
  first.store(false)
  first.kill()
  for (const bytes of [early, early.fill(0xff, 20, 40), Buffer.alloc(0)]) {
    writeFileSync(`${path}.handed`, bytes)
    const life = live(path)
    expect(countsOf(life)).toMatchObject({ lost: 0 })
    life.hand(valuesFrom(2_000, 3), 'normal')
    life.store(false)
    life.kill()
  }
  // From then on the counter works again.
  const life = live(path)
  life.hand(valuesFrom(3_000, 4), 'bulk')
  life.kill()
  const last = live(path)
  expect(countsOf(last)).toMatchObject({ waiting: 24, lost: 4 })
  last.kill()
})

test('if one place of the counter was torn by a power cut, the other one counts', () => {
  const path = newPath()
  const first = live(path)
  first.hand(valuesFrom(1_000, 10), 'normal')
  first.hand(valuesFrom(1_010, 7), 'normal')
  first.kill()
  const bytes = readFileSync(`${path}.handed`)
  // The newest count is in the first place, because its turn is even.
  bytes.fill(0, 30, 50)
  writeFileSync(`${path}.handed`, bytes)
  const second = live(path)
  expect(countsOf(second)).toMatchObject({ waiting: 0, lost: 10 })
  second.kill()
})

test('values from before the first queue are counted as lost, and those of a deleted queue are not', () => {
  const path = newPath()
  const early = openHandOver(`${path}.handed`)
  early.advance(valuesFrom(1_000, 6), 'urgent', 1)
  early[Symbol.dispose]()
  const life = live(path)
  expect(countsOf(life)).toMatchObject({
    waiting: 0,
    losses: [{ lane: 'urgent', count: 6, fromMs: 1_000, toMs: 1_005 }],
  })
  life.hand(valuesFrom(2_000, 1), 'normal')
  life.kill()
  for (const ending of ['', '-wal', '-shm']) rmSync(`${path}.sqlite${ending}`, { force: true })
  const next = live(path)
  expect(countsOf(next)).toMatchObject({ waiting: 0, lost: 0 })
  next.kill()
})

test('without its file, values are handed over all the same, and losses with a thread are known', () => {
  const path = newPath()
  mkdirSync(`${path}.handed`)
  const life = live(path)
  life.hand(valuesFrom(1_000, 10), 'normal')
  life.crash()
  expect(countsOf(life)).toMatchObject({ lost: 10 })
  life.kill()
})
