/**
 * Examples of sources that wait for equipment: each is read as it is written down, but for where its equipment is, which is a program by other people where
 * there is one. Those of Modbus TCP, OPC UA and S7 are in sources.test.ts; those of tier two are checked only.
 * @module-tag deep Every example against its equipment; sources.test.ts reads all of them, and packages/connectors each protocol.
 */
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasSerialPair, openSerialPair } from '@skerry/testkit/faults/serial-pair'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { hasIec104, startIec104 } from '@skerry/testkit/peers/iec104-peer'
import { hasKnx, startKnx } from '@skerry/testkit/peers/knx-peer'
import { hasModbusRtu, startModbusRtu } from '@skerry/testkit/peers/modbus-rtu-peer'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasRtsp, startRtsp } from '@skerry/testkit/peers/rtsp-peer'
import { hasSnmp, startSnmp } from '@skerry/testkit/peers/snmp-peer'
import { hasPostgres, newDatabase, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { startProgram } from '@skerry/testkit/program'
import { encode, hasProtoc } from '@skerry/testkit/protoc'
import { until } from '@skerry/testkit/until'
import { describe, expect, test } from 'vitest'
import { cli, openTestFolder } from '../stage/cli.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../examples/sources')

/** What is another in the file, by what it was; each has to be there. */
type Changes = Record<string, string>

type Equipment = AsyncDisposable & {
  changes: Changes
  secrets?: Record<string, string>
  /** What it says while somebody listens. */
  speak?(): Promise<unknown>
}

type Example = {
  file: string
  isThere: boolean
  start(folder: string): Promise<Equipment>
  /** Of each tag. */
  values: Record<string, unknown>
}

async function of<Peer extends AsyncDisposable>(
  starting: Promise<Peer>,
  about: (peer: Peer) => Omit<Equipment, typeof Symbol.asyncDispose>,
): Promise<Equipment> {
  const peer = await starting
  return { ...about(peer), [Symbol.asyncDispose]: async () => peer[Symbol.asyncDispose]() }
}

const state = () => JSON.stringify({ motor: { temperature: 61.5, setpoint: 1_450 }, at: new Date().toISOString() })

const NODE_BIRTH =
  'metrics { name: "bdSeq" datatype: 4 long_value: 0 } metrics { name: "load" datatype: 9 float_value: 0.5 } seq: 0'
const DEVICE_BIRTH = 'metrics { name: "Drive/Speed" datatype: 10 double_value: 1450 } seq: 1'

async function startSparkplug(): Promise<Equipment> {
  const broker = await startMosquitto()
  const bear = async () => {
    await broker.publishBytes('spBv1.0/plant/NBIRTH/line-3', encode(NODE_BIRTH))
    await broker.publishBytes('spBv1.0/plant/DBIRTH/line-3/press-7', encode(DEVICE_BIRTH))
  }
  await broker.listen('spBv1.0/plant/NCMD/line-3', () => void bear())
  return {
    changes: { 'host: 127.0.0.1': `host: 127.0.0.1\n  port: ${broker.port}` },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

async function startMes(): Promise<Equipment> {
  const cluster = await startPostgres()
  const url = await newDatabase(cluster.url)
  await sqlOn(url, 'create table current_order as select 1 as line, 500 as target, true as running')
  await sqlOn(url, 'create table piece as select 1::bigint as id, now() as measured_at, 12.5::real as diameter')
  const { port, pathname, username, password } = new URL(url)
  const where = `host: 127.0.0.1, port: ${port}, database: ${pathname.slice(1)}, user: ${username}`
  return {
    changes: { 'host: 10.0.0.30, database: mes, user: reader': where, 'tls: verify': 'tls: off' },
    secrets: { 'mes-reader': password },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

/** Python's own server, which answers with what lies in a folder. */
async function startOven(folder: string): Promise<Equipment> {
  await mkdir(join(folder, 'api'))
  await writeFile(join(folder, 'api/state'), JSON.stringify({ chamber: { temperature: 181.5, setpoint: 180 } }))
  const port = await freePort()
  const args = ['-u', '-m', 'http.server', '--bind', '127.0.0.1', '--directory', folder, String(port)]
  return of(startProgram('/usr/bin/python3', args, { ready: /Serving HTTP/ }), () => ({
    changes: { 'http://127.0.0.1:8080/api/state': `http://127.0.0.1:${port}/api/state` },
  }))
}

const KEY = 'key-for-tests-only'

/** As the file itself says. */
async function startPosting(): Promise<Equipment> {
  const port = await freePort()
  const body = JSON.stringify({ order: { id: 4_711, rate: 12.5 }, at: new Date().toISOString() })
  return {
    changes: { 'port: 8090': `port: ${port}` },
    secrets: { 'mes-key': KEY },
    async speak() {
      const seconds = String(Math.floor(Date.now() / 1_000))
      const mac = createHmac('sha256', KEY).update(`${seconds}.${body}`).digest('hex')
      const heads = [
        'content-type: application/json',
        `x-skerry-timestamp: ${seconds}`,
        `x-skerry-signature: sha256=${mac}`,
      ]
      const said = [...heads.flatMap((head) => ['-H', head]), '-d', body]
      // Nobody listens yet, at first.
      await promisify(execFile)('curl', ['-s', '-m', '20', ...said, `http://127.0.0.1:${port}/orders`]).catch(
        () => undefined,
      )
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function startScale(folder: string): Promise<Equipment> {
  const path = join(folder, 'weighings.csv')
  await writeFile(path, 'time;gross;article\n')
  return {
    changes: { '/var/log/scale/weighings.csv': path },
    speak: () => appendFile(path, `${new Date().toISOString()};812.5;bolt M8\n`),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

/** It tells a weight again and again, and its tare when it is asked. */
async function startSerialScale(): Promise<Equipment> {
  const pair = await openSerialPair()
  const said = createWriteStream(pair.theirs, { flags: 'r+' })
  const heard = createReadStream(pair.theirs)
  heard.on('data', (bytes) => {
    if (String(bytes).includes('RT')) said.write('TR, 1.5kg\r\n')
  })
  // The line ends before they do.
  said.on('error', () => undefined)
  heard.on('error', () => undefined)
  return {
    // A line that is made by a program has neither a rate nor parity.
    changes: { '/dev/ttyUSB1': pair.ours, 'parity: even, dataBits: 7': 'parity: none, dataBits: 8' },
    speak: async () => said.write('ST,GS,+ 12.5kg\r\n'),
    async [Symbol.asyncDispose]() {
      said.destroy()
      heard.destroy()
      await pair[Symbol.asyncDispose]()
    },
  }
}

const RUN: Example[] = [
  {
    file: 'pump-failing.yaml',
    isThere: true,
    values: { temperature: expect.any(Number), vibration: expect.any(Number) },
    start: async () => ({ changes: {}, [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    file: 'gate-camera.yaml',
    isThere: hasRtsp,
    values: { frame: expect.anything() },
    start: () =>
      of(startRtsp({ user: 'viewer', password: KEY }), ({ url }) => ({
        changes: { 'rtsp://127.0.0.1:8554/cam': url },
        secrets: { 'gate-camera': KEY },
      })),
  },
  {
    file: 'scale-serial.yaml',
    isThere: hasSerialPair,
    start: startSerialScale,
    values: { weight: 12.5, tare: 1.5 },
  },
  {
    file: 'hall-mqtt.yaml',
    isThere: hasMosquitto,
    values: { temperature: 61.5, setpoint: 1_450 },
    start: () =>
      of(startMosquitto(), (broker) => ({
        changes: { 'host: 127.0.0.1': `host: 127.0.0.1\n  port: ${broker.port}` },
        speak: () => broker.publish('hall-3/press-7/state', state()),
      })),
  },
  {
    file: 'line-sparkplug.yaml',
    isThere: hasMosquitto && hasProtoc,
    values: { speed: 1_450, load: 0.5 },
    start: startSparkplug,
  },
  {
    file: 'substation-iec104.yaml',
    isThere: hasIec104,
    values: { voltage: 0, closed: expect.any(Boolean), breaker: expect.anything() },
    start: () => of(startIec104(), ({ port }) => ({ changes: { 'host: 10.0.4.1': `host: 127.0.0.1, port: ${port}` } })),
  },
  {
    file: 'hall-knx.yaml',
    isThere: hasKnx,
    values: { temperature: 25, light: expect.any(Boolean) },
    start: () =>
      of(startKnx(), ({ port }) => ({
        changes: { 'host: 10.0.5.2': `host: 127.0.0.1, port: ${port}, localAddress: 127.0.0.1` },
      })),
  },
  {
    file: 'rack-snmp.yaml',
    isThere: hasSnmp,
    values: { uptime: expect.any(Number), voltage: 231 },
    start: () =>
      of(startSnmp(), ({ port }) => ({
        changes: { 'host: 10.0.0.20': `host: 127.0.0.1\n  port: ${port}` },
        secrets: { 'rack-auth': 'auth-pass-12', 'rack-privacy': 'priv-pass-12' },
      })),
  },
  {
    file: 'mes-sql.yaml',
    isThere: hasPostgres,
    start: startMes,
    values: { target_1: 500, running_1: true, diameter: 12.5 },
  },
  {
    file: 'oven-http.yaml',
    isThere: isInstalled('/usr/bin/python3', '--version'),
    start: startOven,
    values: { temperature: 181.5, setpoint: 180 },
  },
  {
    file: 'mes-webhook.yaml',
    isThere: isInstalled('curl', '--version'),
    start: startPosting,
    values: { order: 4_711, rate: 12.5 },
  },
  {
    file: 'line-modbus-rtu.yaml',
    isThere: hasModbusRtu,
    values: { flow: expect.any(Number), speed: expect.any(Number) },
    start: () =>
      of(startModbusRtu(), ({ path }) => ({ changes: { '/dev/ttyUSB0': path, 'parity: even': 'parity: none' } })),
  },
  { file: 'scale-log.yaml', isThere: true, start: startScale, values: { weight: 812.5, article: 'bolt M8' } },
]

async function speakOn({ speak }: Equipment, signal: AbortSignal): Promise<void> {
  while (speak && !signal.aborted) {
    await speak()
    await sleep(100)
  }
}

describe.each(RUN)('examples/sources/$file', ({ file, isThere, start, values }) => {
  test.skipIf(!isThere)('is read from its equipment, each tag with a good value', async () => {
    await using folder = await openTestFolder()
    await using equipment = await start(folder.path)
    let text = await readFile(join(EXAMPLES, file), 'utf8')
    for (const [from, to] of Object.entries(equipment.changes)) {
      expect(text, from).toContain(from)
      text = text.replace(from, to)
    }
    const path = join(folder.path, 'source.yaml')
    await writeFile(path, text)
    for (const [name, secret] of Object.entries(equipment.secrets ?? {}))
      await writeFile(join(folder.path, name), secret)
    const words = ['source', 'read', path, '--json', '--timeout', '20s', '--secrets', folder.path]
    const env = { SKERRY_HOME: folder.path }
    let seen: unknown
    const read = async () => {
      const reading = new AbortController()
      const speaking = speakOn(equipment, reading.signal)
      try {
        const outcome = await cli(words, { env })
        seen = outcome
        return outcome.code === 0 ? JSON.parse(outcome.out).values : undefined
      } finally {
        reading.abort()
        await speaking
      }
    }
    const found = async () => {
      const told: { tag: string; quality: string; value?: unknown }[] = (await read()) ?? []
      // What speaks by itself is bad until it has spoken.
      return told.length > 0 && told.every(({ quality }) => quality === 'good') ? told : undefined
    }
    const told = await until(found, { what: 'good values', seen: () => seen })
    expect(Object.fromEntries(told.map(({ tag, value }) => [tag, value]))).toEqual(values)
  })
})
