/**
 * sinks: what goes to where values go. Batches as a device sends them, of 100 signals, to each sink whose server this machine has, without the queue before
 * it (which is `forward`). Processor time is this process's. Beside PostgreSQL and MQTT the bare client library takes turns with the sink: four columns of the
 * rows by a statement of the same form, and messages of the same kind with as many under way. A round ends when all has been acknowledged.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSink } from '@skerry/connectors/sinks/sinks'
import { Sink } from '@skerry/contract/sinks/sink'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasPostgres, newDatabase, startPostgres } from '@skerry/testkit/postgres-cluster'
import { sinkProtocols } from '../packages/connectors/test/sinks-stage/sink-peers.ts'
import { openBareMqtt, openBarePostgres, type Sender } from '../packages/connectors/test/stage/bare-sinks.ts'

const BATCHES = 3
const BATCH_VALUES = 1_000
const SIGNALS = 100

/** Odd, for one in the middle. */
const ROUNDS = 3

type Target = AsyncDisposable & { draft: object; secrets: Record<string, string>; bare?: () => Promise<Sender> }
type Round = { valuesPerSec: number; cpuUsPerValue: number }

/** A server that is asked by many at once answers late, which is no trouble here. */
const timeoutMs = 60_000

/** Runs the benchmark; about a minute. */
export async function run(): Promise<object> {
  const results: [string, object][] = []
  for (const [name, start] of targets()) {
    await using target = await start()
    results.push([name, await measure(target)])
  }
  return Object.fromEntries(results)
}

function targets(): [string, () => Promise<Target>][] {
  const others = ['nats', 'influx', 'kafka', 'amqp', 'webhook']
  return [
    ['file', startFile],
    ...(hasPostgres ? [['postgres', startDatabase] satisfies [string, () => Promise<Target>]] : []),
    ...(hasMosquitto ? [['mqtt', startBroker] satisfies [string, () => Promise<Target>]] : []),
    ...sinkProtocols
      .filter(({ name, isThere }) => isThere && others.includes(name))
      .map(({ name, startPeer }): [string, () => Promise<Target>] => [name, () => targetOf(startPeer)]),
  ]
}

async function startFile(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-sinks-'))
  return {
    draft: { protocol: 'file', connection: { folder } },
    secrets: {},
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

async function startDatabase(): Promise<Target> {
  const cluster = await startPostgres()
  const url = await newDatabase(cluster.url)
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const where = { host, port: Number(port), user, database: pathname.slice(1), tls: 'off', timeoutMs }
  return {
    draft: { protocol: 'postgres', connection: { ...where, password: { secret: 'password' } } },
    secrets: { password },
    bare: () => openBarePostgres(url),
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

async function startBroker(): Promise<Target> {
  const broker = await startMosquitto()
  return {
    draft: { protocol: 'mqtt', connection: { host: '127.0.0.1', port: broker.port, timeoutMs } },
    secrets: {},
    bare: () => openBareMqtt(broker.port),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

async function targetOf(startPeer: (typeof sinkProtocols)[number]['startPeer']): Promise<Target> {
  const peer = await startPeer()
  const { connection, ...draft }: { connection?: object } = peer.draft
  return {
    draft: { ...draft, connection: { ...connection, timeoutMs } },
    secrets: { password: peer.password },
    [Symbol.asyncDispose]: () => peer[Symbol.asyncDispose](),
  }
}

async function measure(target: Target): Promise<object> {
  await using sink = await openSender(target)
  await using bare = await target.bare?.()
  const [ours, theirs]: [Round[], Round[]] = [[], []]
  // The first of each is for connections, tables and what the compiler learns.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const first = 1 + round * BATCHES * BATCH_VALUES
    ours.push(await timed(sink, first))
    if (bare) theirs.push(await timed(bare, first))
  }
  const own = middle(ours.slice(1))
  if (!bare) return own
  const alone = middle(theirs.slice(1))
  return { ...own, bare: alone, cpuRatio: Math.round((own.cpuUsPerValue / alone.cpuUsPerValue) * 100) / 100 }
}

/** Of the sink, as its queue would ask it. */
async function openSender({ draft, secrets }: Target): Promise<Sender> {
  const { signal } = new AbortController()
  const deps = { clock: systemClock, random: Math.random, folder: tmpdir(), secrets }
  const session = await openSink(Sink.parse({ name: 'out', ...draft }), deps, signal)
  return {
    async send(values, first) {
      const outcome = await session.send({ stream: '0123456789abcdef', lane: 'normal', first, values }, signal)
      if (!outcome.ok) throw new Error(outcome.message)
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

async function timed(sender: Sender, first: number): Promise<Round> {
  const batches = Array.from({ length: BATCHES }, (_, index) => first + index * BATCH_VALUES)
  const work = batches.map((at) => ({ at, values: valuesFrom(at) }))
  const startMs = performance.now()
  const before = process.cpuUsage()
  for (const { at, values } of work) await sender.send(values, at)
  const ms = performance.now() - startMs
  const { user, system } = process.cpuUsage(before)
  const count = BATCHES * BATCH_VALUES
  return {
    valuesPerSec: Math.round((count / ms) * 1_000),
    cpuUsPerValue: Math.round(((user + system) / count) * 10) / 10,
  }
}

function valuesFrom(first: number): SinkValue[] {
  return Array.from({ length: BATCH_VALUES }, (_, index) => {
    const tag = `tag${index % SIGNALS}`
    return {
      signal: `press-7/${tag}`,
      source: 'press-7',
      tag,
      quality: 'good',
      value: Math.sin(first + index) * 100,
      eventTimeMs: 1_700_000_000_000 + first + index,
    }
  })
}

function middle(rounds: readonly Round[]): Round {
  const sorted = [...rounds].sort((a, b) => a.cpuUsPerValue - b.cpuUsPerValue)
  return sorted[Math.floor(sorted.length / 2)] ?? { valuesPerSec: 0, cpuUsPerValue: 0 }
}
