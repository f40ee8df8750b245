/** Laws of the hand-over: whatever ends a thread or a process, what was handed to a queue is in it, or counted. */
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

/** One life of a process: it hands over, and its thread stores the oldest of that, in either lane. */
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

test('each value that was handed over is in the queue or among its losses, wherever a thread or the process ends', () => {
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
      // Nothing is on its way after it.
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

test('the times of what is lost are those of what was on its way, not of all before it', () => {
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

test('a count that a power cut set back, or that is torn, takes nothing for lost that is there', () => {
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
  // And from then on it counts again.
  const life = live(path)
  life.hand(valuesFrom(3_000, 4), 'bulk')
  life.kill()
  const last = live(path)
  expect(countsOf(last)).toMatchObject({ waiting: 24, lost: 4 })
  last.kill()
})

test('of two places, the one that was being written when the power went does not take the other with it', () => {
  const path = newPath()
  const first = live(path)
  first.hand(valuesFrom(1_000, 10), 'normal')
  first.hand(valuesFrom(1_010, 7), 'normal')
  first.kill()
  const bytes = readFileSync(`${path}.handed`)
  // The newest lies in the first of them: it has an even turn.
  bytes.fill(0, 30, 50)
  writeFileSync(`${path}.handed`, bytes)
  const second = live(path)
  expect(countsOf(second)).toMatchObject({ waiting: 0, lost: 10 })
  second.kill()
})

test('what was handed over before any queue could be opened is counted, and nothing of a queue that is gone', () => {
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

test('who cannot have the file hands over all the same, and knows what a thread took with it', () => {
  const path = newPath()
  mkdirSync(`${path}.handed`)
  const life = live(path)
  life.hand(valuesFrom(1_000, 10), 'normal')
  life.crash()
  expect(countsOf(life)).toMatchObject({ lost: 10 })
  life.kill()
})
