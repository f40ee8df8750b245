import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { SinkBatching, SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { Priority, SinkBatch, SinkValue } from '@skerry/contract/sinks/sink-value'
import { isLate } from '@skerry/core/equipment/forward-plan'
import { createEventClock } from '@skerry/testkit/simulation/event-clock'
import { expect, onTestFinished, test } from 'vitest'
import { type SendOutcome, SinkTrouble } from '../sink.ts'
import { createForwarder, type ForwardState } from './forwarder.ts'
import { openForwardQueue } from './queue.ts'

const START_MS = Date.UTC(2026, 10, 1)

type Peer = {
  isThere: boolean
  /** What it takes for good. */
  refuses: (value: SinkValue) => boolean
  taken: { batch: SinkBatch; atMs: number }[]
  opened: number
}

/** A forwarder by a clock that jumps, and whoever it sends to. */
function openStage(queueLimits: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-forwarder-'))
  const clock = createEventClock(START_MS)
  const limits = { queue: SinkQueue.parse(queueLimits), batch: SinkBatching.parse({ valuesMax: 100 }) }
  const queue = openForwardQueue({
    path: join(folder, 'q'),
    limits: limits.queue,
    valuesMax: limits.batch.valuesMax,
    clock,
  })
  const peer: Peer = { isThere: true, refuses: () => false, taken: [], opened: 0 }
  const states: ForwardState[] = []
  const forwarder = createForwarder(limits, {
    clock,
    queue,
    random: () => 0.5,
    onState: (state) => void states.push(state),
    async open() {
      peer.opened += 1
      if (!peer.isThere) throw new SinkTrouble('sink_unreachable', 'nobody is there')
      return { send: (batch) => takeBatch(peer, batch, clock.nowMs()), [Symbol.asyncDispose]: async () => undefined }
    },
  })
  const stop = new AbortController()
  const running = forwarder.run(stop.signal)
  onTestFinished(async () => {
    stop.abort()
    await running
    queue[Symbol.dispose]()
    rmSync(folder, { recursive: true })
  })
  /** Time goes on until then, and everybody works. */
  const pass = async (ms: number) => {
    const until = clock.nowMs() + ms
    // Whoever was just asked for something says first how long he waits.
    await setImmediate()
    let isOver = false
    clock.after(ms, () => {
      isOver = true
    })
    while (!isOver) await clock.next()
    expect(clock.nowMs()).toBe(until)
  }
  const offer = (count: number, priority: Priority = 'normal') => {
    const value = (signal: string): SinkValue => ({ signal, quality: 'good', value: 1, eventTimeMs: clock.nowMs() })
    return forwarder.offer(
      Array.from({ length: count }, (_, index) => value(`s${index}`)),
      priority,
    )
  }
  return { clock, peer, states, forwarder, pass, offer, queue }
}

async function takeBatch(peer: Peer, batch: SinkBatch, atMs: number): Promise<SendOutcome> {
  if (!peer.isThere) throw new SinkTrouble('sink_lost', 'it went away')
  if (batch.values.some(peer.refuses)) return { ok: false, code: 'value_refused', message: 'not that' }
  peer.taken.push({ batch, atMs })
  return { ok: true }
}

const takenOf = (peer: Peer) => peer.taken.flatMap(({ batch }) => batch.values)

test('what is offered is on the disk before the offer is over, and arrives a moment later', async () => {
  const { pass, offer, peer, forwarder, states } = openStage()
  await pass(10)
  const offered = offer(250)
  await pass(200)
  expect(await offered).toEqual({ lost: 0 })
  expect(peer.taken.map(({ batch }) => [batch.lane, batch.first, batch.values.length])).toEqual([
    ['normal', 1, 100],
    ['normal', 101, 100],
    ['normal', 201, 50],
  ])
  expect(forwarder.figures()).toMatchObject({ offered: 250, delivered: 250, waiting: 0, lost: 0 })
  expect(states.map(({ kind }) => kind)).toEqual(['connecting', 'up'])
})

test('after hours without a network, what is new arrives at once, what had to wait at its pace, and all of it, with its own times', async () => {
  const { clock, pass, offer, peer, forwarder } = openStage({ catchUpPerSecond: 200 })
  await pass(1_000)
  peer.isThere = false
  for (let second = 0; second < 6 * 3_600; second += 60) {
    void offer(18)
    await pass(60_000)
  }
  const backAtMs = clock.nowMs()
  peer.isThere = true
  // The longest wait between two tries.
  await pass(60_000)
  const before = peer.taken.length
  for (let second = 0; second < 20; second += 1) {
    void offer(5)
    await pass(1_000)
  }
  const live = peer.taken.slice(before).filter(({ batch }) => !isLate(batch.lane))
  expect(live.flatMap(({ batch }) => batch.values)).toHaveLength(100)
  for (const { batch, atMs } of live) expect(atMs - (batch.values[0]?.eventTimeMs ?? 0)).toBeLessThan(300)
  await pass(60_000)
  expect(forwarder.figures()).toMatchObject({
    offered: 360 * 18 + 100,
    delivered: 360 * 18 + 100,
    waiting: 0,
    lost: 0,
  })
  const late = peer.taken.filter(({ batch, atMs }) => atMs >= backAtMs && isLate(batch.lane))
  for (const { atMs } of late) {
    const inSecond = late.filter((other) => other.atMs > atMs - 1_000 && other.atMs <= atMs)
    expect(inSecond.flatMap(({ batch }) => batch.values).length).toBeLessThanOrEqual(200 + 100 + 200)
  }
  const times = late.flatMap(({ batch }) => batch.values.map(({ eventTimeMs }) => eventTimeMs))
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times[0]).toBeLessThan(START_MS + 90_000)
})

test('where the order counts more, what is new waits for what is old', async () => {
  const { pass, offer, peer } = openStage({ inOrder: true })
  peer.isThere = false
  for (let second = 0; second < 100; second += 1) {
    void offer(3)
    await pass(1_000)
  }
  peer.isThere = true
  await pass(61_000)
  void offer(1)
  await pass(1_000)
  expect(new Set(peer.taken.map(({ batch }) => batch.lane))).toEqual(new Set(['normal']))
  const firsts = peer.taken.map(({ batch }) => batch.first)
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b))
  expect(takenOf(peer)).toHaveLength(301)
})

test('of what is offered together the urgent goes first', async () => {
  const { pass, offer, peer } = openStage()
  await pass(10)
  void offer(150, 'bulk')
  void offer(150, 'urgent')
  await pass(200)
  expect(peer.taken.map(({ batch }) => batch.lane)).toEqual(['urgent', 'urgent', 'bulk', 'bulk'])
})

test('one value that is refused holds up no other, and is counted', async () => {
  const { pass, offer, peer, forwarder, queue } = openStage()
  peer.refuses = ({ signal }) => signal === 's41' || signal === 's77'
  await pass(10)
  void offer(100)
  await pass(200)
  expect(takenOf(peer)).toHaveLength(98)
  expect(forwarder.losses()).toMatchObject([
    { reason: 'refused', first: 42, last: 42, count: 1 },
    { reason: 'refused', first: 78, last: 78, count: 1 },
  ])
  expect(queue.aside().map(({ sequence }) => sequence)).toEqual([42, 78])
})

test('whoever refuses everything is asked more and more seldom, and does not empty the queue', async () => {
  const { pass, offer, peer, forwarder, states } = openStage()
  peer.refuses = () => true
  await pass(10)
  void offer(1_000)
  await pass(60_000)
  expect(states.at(-1)).toMatchObject({ kind: 'down', cause: { code: 'sink_unfit' } })
  const { lost, waiting } = forwarder.figures()
  expect(lost).toBeLessThanOrEqual(100)
  expect(lost + waiting).toBe(1_000)
  peer.refuses = () => false
  await pass(120_000)
  expect(forwarder.figures()).toMatchObject({ waiting: 0, delivered: 1_000 - lost })
})
