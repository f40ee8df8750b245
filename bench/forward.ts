/**
 * forward: what waits on the disk for a sink. Values in, gathered and flushed to the disk together; then the same out again, to a sink that takes everything
 * at once, and to a file that is flushed for each batch. One process, one core at most. And what it costs that each value is counted before it is handed
 * over, so that a kill takes none uncounted: one value after the other, as flows tell them, with and without, in turns.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createForwarder } from '@skerry/connectors/forwarding/forwarder'
import { openHandOver } from '@skerry/connectors/forwarding/hand-over'
import { openForwardQueue } from '@skerry/connectors/forwarding/queue'
import type { SinkDeps, SinkSession } from '@skerry/connectors/sink'
import { openSink } from '@skerry/connectors/sinks/sinks'
import { Sink } from '@skerry/contract/sinks/sink'
import { SinkBatching, SinkQueue } from '@skerry/contract/sinks/sink-queue'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'

const VALUES = 200_000

/** A plant of a hundred signals, of which a hundred times a second something is told. */
const SIGNALS = 100
const AT_ONCE = 200

/** Odd, for one in the middle. */
const ROUNDS = 3

/** As quickly as it can: the pace is for networks that others use, too. */
const limits = { queue: SinkQueue.parse({ catchUpPerSecond: 1_000_000 }), batch: SinkBatching.parse({ lingerMs: 50 }) }

const nothing: SinkSession = { send: async () => ({ ok: true }), [Symbol.asyncDispose]: async () => undefined }

/** Runs the benchmark; some seconds. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-forward-'))
  try {
    const file = Sink.parse({ name: 'out', protocol: 'file', connection: { folder: 'values' } })
    const deps: SinkDeps = { clock: systemClock, random: Math.random, folder, secrets: {} }
    return {
      toNothing: await measure(join(folder, 'nothing'), async () => nothing),
      toFile: await measure(join(folder, 'file'), (signal) => openSink(file, deps, signal)),
      oneByOne: await measureCounting(folder),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

type Taken = { inPerSec: number; cpuUsPerValue: number }

/** Rounds that take turns; of each kind the middle one by processor time, which a busy machine says more of than the clock. */
async function measureCounting(folder: string): Promise<{ counted: Taken; uncounted: Taken; cpuRatio: number }> {
  const rounds: { counted: Taken; uncounted: Taken }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const uncounted = await handOneByOne(join(folder, `uncounted-${round}`), false)
    rounds.push({ uncounted, counted: await handOneByOne(join(folder, `counted-${round}`), true) })
  }
  const counted = middle(rounds.map((round) => round.counted))
  const uncounted = middle(rounds.map((round) => round.uncounted))
  return { counted, uncounted, cpuRatio: Math.round((counted.cpuUsPerValue / uncounted.cpuUsPerValue) * 100) / 100 }
}

function middle(rounds: readonly Taken[]): Taken {
  const sorted = [...rounds].sort((a, b) => a.cpuUsPerValue - b.cpuUsPerValue)
  return sorted[Math.floor(sorted.length / 2)] ?? { inPerSec: 0, cpuUsPerValue: 0 }
}

async function handOneByOne(path: string, isCounted: boolean): Promise<Taken> {
  const { queue: queueLimits, batch } = limits
  using handOver = openHandOver(`${path}.handed`)
  using queue = openForwardQueue({ path, limits: queueLimits, valuesMax: batch.valuesMax, clock: systemClock })
  const never = Promise.withResolvers<SinkSession>()
  const forwarder = createForwarder(limits, {
    clock: systemClock,
    random: () => 0,
    queue,
    onState: () => undefined,
    open: (signal) => abortable(never.promise, signal),
  })
  const stop = new AbortController()
  const filling = forwarder.run(stop.signal)
  const { ms, cpuUs } = await timed(async () => {
    const offers: Promise<unknown>[] = []
    for (let first = 0; first < VALUES; first += AT_ONCE) {
      for (const [index, value] of valuesFrom(first).entries()) {
        if (isCounted) handOver.advance([value], 'normal', first + index + 1)
        offers.push(forwarder.offer([value], 'normal'))
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(offers)
  })
  stop.abort()
  await filling.catch(() => undefined)
  return { inPerSec: perSecond(ms), cpuUsPerValue: Math.round((cpuUs / VALUES) * 100) / 100 }
}

async function measure(path: string, open: (signal: AbortSignal) => Promise<SinkSession>): Promise<object> {
  const { queue: queueLimits, batch } = limits
  using queue = openForwardQueue({ path, limits: queueLimits, valuesMax: batch.valuesMax, clock: systemClock })
  const never = Promise.withResolvers<SinkSession>()
  let isThere = false
  const forwarder = createForwarder(limits, {
    clock: systemClock,
    random: () => 0,
    queue,
    onState: () => undefined,
    open: (signal) => (isThere ? open(signal) : abortable(never.promise, signal)),
  })
  const stop = new AbortController()
  const filling = forwarder.run(stop.signal)
  const stored = await timed(async () => {
    const offers: Promise<unknown>[] = []
    for (let first = 0; first < VALUES; first += AT_ONCE) {
      offers.push(forwarder.offer(valuesFrom(first), 'normal'))
      // Gives whoever writes a turn, as a source does that waits for its equipment.
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(offers)
  })
  const { waitingBytes } = forwarder.figures()
  stop.abort()
  await filling.catch(() => undefined)
  isThere = true
  const going = new AbortController()
  let running: Promise<void> | undefined
  const sent = await timed(async () => {
    running = forwarder.run(going.signal)
    while (forwarder.figures().waiting > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  })
  going.abort()
  await running
  return {
    inPerSec: perSecond(stored.ms),
    inCpuShare: stored.cpuShare,
    bytesPerValue: waitingBytes / VALUES,
    catchUpPerSec: perSecond(sent.ms),
    catchUpCpuShare: sent.cpuShare,
  }
}

function valuesFrom(first: number): SinkValue[] {
  const eventTimeMs = 1_700_000_000_000 + first
  return Array.from({ length: AT_ONCE }, (_, index) => ({
    signal: `press-7/tag${index % SIGNALS}`,
    source: 'press-7',
    tag: `tag${index % SIGNALS}`,
    quality: 'good',
    value: Math.sin(first + index) * 100,
    eventTimeMs,
  }))
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true })
  return Promise.race([work, aborted.promise])
}

const perSecond = (ms: number) => Math.round((VALUES / ms) * 1_000)

/** CPU of this process, as a share of one core. */
async function timed(work: () => Promise<void>): Promise<{ ms: number; cpuShare: number; cpuUs: number }> {
  const startMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const ms = performance.now() - startMs
  const { user, system } = process.cpuUsage(before)
  const cpuUs = user + system
  return { ms, cpuUs, cpuShare: Math.round((cpuUs / 1_000 / ms) * 100) / 100 }
}
