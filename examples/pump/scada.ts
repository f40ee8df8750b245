/**
 * SCADA: the plant's Sparkplug host, of programs that know no Skerry. Mosquitto's client hears the broker, and Google's protoc reads what it hears. It says that
 * it is there as a primary host does; when it is killed, the broker says for it that it is gone. [Sparkplug 3.0.0, 5]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Mosquitto } from '@skerry/testkit/peers/mosquitto'

/** A number that the node told: when it was measured, and whether it came late. */
export type Told = { value: number; isHistorical: boolean }

export type Scada = AsyncDisposable & {
  /** How often the node was born. */
  births(): number
  /** What is known of a metric, each time of measurement once. */
  told(metric: string): ReadonlyMap<number, Told>
}

type Hearing = {
  births: number
  /** Payloads that nobody read yet. */
  heard: Buffer[]
  names: Map<string, string>
  metrics: Map<string, Map<number, Told>>
}

const STATE = 'spBv1.0/STATE/scada'
const PROTO = ['--proto_path', join(import.meta.dirname, '../../packages/connectors/proto'), 'sparkplug_b.proto']

/** A program is started for so many messages at most, and for no fewer than are there. */
const HEARD_MAX = 500

/** An hour of one metric; the example may stay up for days. */
const TOLD_MAX = 36_000

/** Resolves when it listens, and the edge node may speak. */
export async function startScada(broker: Pick<Mosquitto, 'port' | 'publish'>): Promise<Scada> {
  const it: Hearing = { births: 0, heard: [], names: new Map(), metrics: new Map() }
  // [5.4.2] What it says of itself has the time of its will.
  const state = (online: boolean, timestamp: number) => JSON.stringify({ online, timestamp })
  const startMs = Date.now()
  const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...listening(broker.port, state(false, startMs))], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const { promise: isThere, resolve, reject } = Promise.withResolvers<void>()
  child.once('error', reject)
  createInterface({ input: child.stdout }).on('line', (line) => {
    // At the first connection, and again at each that follows: a broker that was killed has forgotten it.
    if (/^Subscribed \(mid/.test(line)) void broker.publish(STATE, state(true, startMs), '-r').then(resolve, reject)
    else hear(it, line)
  })
  await isThere
  return {
    births: () => it.births,
    told(metric) {
      understand(it)
      return it.metrics.get(metric) ?? new Map()
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

function listening(port: number, will: string): string[] {
  return [
    '-h',
    'localhost',
    '-p',
    String(port),
    '-i',
    'scada',
    '-d',
    '-q',
    '1',
    '--will-topic',
    STATE,
    '--will-payload',
    will,
    '--will-qos',
    '1',
    '--will-retain',
    '-t',
    'spBv1.0/plant/+/pump-gateway',
    '-F',
    '%t %x',
  ]
}

/** With -d the client says what it does, between the messages. */
function hear(it: Hearing, line: string): void {
  const [, type = '', payload = ''] = /^spBv1\.0\/plant\/(NBIRTH|NDATA)\/\S+ ([0-9a-f]*)$/.exec(line) ?? []
  if (type === '') return
  if (type === 'NBIRTH') it.births += 1
  it.heard.push(Buffer.from(payload, 'hex'))
  if (it.heard.length >= HEARD_MAX) understand(it)
}

/** [protobuf encoding] Messages one after the other are one message with the metrics of all. */
function understand(it: Hearing): void {
  const input = Buffer.concat(it.heard.splice(0))
  if (input.length === 0) return
  const text = execFileSync('protoc', ['--decode=sparkplug.Payload', ...PROTO], { input, encoding: 'utf8' })
  for (const [, metric = ''] of text.matchAll(/^metrics \{\n([\s\S]*?)^\}/gm)) note(it, metric)
}

/** [6.4.18] A birth tells the name of each alias; what follows tells the alias. */
function note({ names, metrics }: Hearing, metric: string): void {
  const said = (field: string) => new RegExp(`^ {2}${field}: "?([^"\\n]+)"?$`, 'm').exec(metric)?.[1]
  const [alias = '', born, time, value] = ['alias', 'name', 'timestamp', 'double_value'].map(said)
  if (born !== undefined) names.set(alias, born)
  const name = born ?? names.get(alias)
  if (name === undefined || time === undefined || value === undefined) return
  const told = metrics.get(name) ?? new Map<number, Told>()
  metrics.set(name, told)
  if (!told.has(Number(time)))
    told.set(Number(time), { value: Number(value), isHistorical: said('is_historical') === 'true' })
  const [oldest] = told.keys()
  if (told.size > TOLD_MAX && oldest !== undefined) told.delete(oldest)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
