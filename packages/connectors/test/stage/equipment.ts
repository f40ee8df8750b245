/** Equipment: what the conformance suite is run against, each with three tags that every connector has to bring to the same end. */

import { startGrowingFile } from '@skerry/testkit/faults/growing-file'
import { hasBacnet, startBacnet } from '@skerry/testkit/peers/bacnet-peer'
import { hasCanUtils, startCan } from '@skerry/testkit/peers/can-peer'
import { hasIec104, startIec104 } from '@skerry/testkit/peers/iec104-peer'
import { hasKnx, startKnx } from '@skerry/testkit/peers/knx-peer'
import { hasLogix, startLogix } from '@skerry/testkit/peers/logix-peer'
import { hasModbus, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasModbusRtu, startModbusRtu } from '@skerry/testkit/peers/modbus-rtu-peer'
import { hasMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasOpcua, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { hasS7, startS7 } from '@skerry/testkit/peers/s7-peer'
import { hasSerial, startSerial } from '@skerry/testkit/peers/serial-peer'
import { hasSnmp, startSnmp } from '@skerry/testkit/peers/snmp-peer'
import { hasPostgres, newDatabase, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { hasProtoc } from '@skerry/testkit/protoc'
import { startSparkplugMachine } from '../sinks-stage/sparkplug-machine.ts'
import { hasCurl, startPoster } from './curl-poster.ts'
import { hasPython, startHttpMachine } from './http-machine.ts'
import { startMqttMachine } from './mqtt-machine.ts'

export type Equipment = {
  /** The protocol where nothing is said. */
  name?: string
  protocol: string
  isThere: boolean
  /** How often its quick group is read, where the usual is too often. */
  fastMs?: number
  secrets?: Record<string, string>
  /** What its groups have besides. */
  groups?: { fast: object; slow: object }
  start(): Promise<StartedEquipment>
  /** How it is come to, where something may stand between. */
  way?: 'tcp' | 'udp' | 'line'
  /** How little time it has where its answers are spoiled, and of how few of them, where the usual is too much. */
  impatient?: object
  garbledShare?: number
  /** What it says bears a checksum: what is spoiled is never taken for a value. */
  hasChecksum?: true
  /** `steady` is 3.25, `writable` a number up to 90, and `sensor` 59993, where 100 is the most. Some is only listened to. */
  tags: { steady: object; writable?: object; sensor: object }
}

export type StartedEquipment = AsyncDisposable & {
  connection: object
  secrets?: Record<string, string>
  /** What its groups and the tag that is written have besides, where that is known only now. */
  more?: { groups: object; writable: object }
  /** Its port or the path of its line, and what is different where it is come to by another. */
  place?: number | string
  by?: (place: { port: number; path: string }) => Pick<StartedEquipment, 'connection' | 'more'>
}

/** Equipment that runs, and how it is connected to. */
async function connected<Peer extends AsyncDisposable & { port?: number; path?: string }>(
  peer: Promise<Peer>,
  connection: (peer: Peer) => object,
): Promise<StartedEquipment> {
  const started = await peer
  const place = started.port ?? started.path
  return {
    connection: connection(started),
    ...(place === undefined ? {} : { place }),
    by: (other) => ({ connection: connection({ ...started, ...other }) }),
    [Symbol.asyncDispose]: async () => started[Symbol.asyncDispose](),
  }
}

const onLoopback = ({ port }: { port: number }) => ({ host: '127.0.0.1', port })

/** Nothing here is about equipment that is slow; a busy machine is. A write would meet no connection where one had just been given up for it. */
const PATIENT = { timeoutMs: 30_000 }
const waitedFor = (peer: { port: number }) => ({ ...onLoopback(peer), ...PATIENT })

const BOUNDS = { min: 0, max: 90, perMinute: 3 }
const SOUND = { expect: { max: 100 } }

const REGISTERS = {
  steady: { address: 'holding:100', type: 'float32' },
  writable: { address: 'holding:300', scale: 0.1, write: BOUNDS },
  sensor: { address: 'input:7', ...SOUND },
}

export const EQUIPMENT: Equipment[] = [
  {
    protocol: 'modbus',
    way: 'tcp',
    isThere: hasModbus,
    tags: REGISTERS,
    start: () => connected(startModbus(), waitedFor),
  },
  {
    // A line bears some fifty requests a second.
    name: 'modbus over a serial line',
    protocol: 'modbus',
    way: 'line',
    hasChecksum: true,
    garbledShare: 0.5,
    isThere: hasModbusRtu,
    tags: REGISTERS,
    fastMs: 100,
    start: () => connected(startModbusRtu(), ({ path }) => ({ serial: { path }, ...PATIENT })),
  },
  {
    protocol: 'bacnet',
    way: 'udp',
    isThere: hasBacnet,
    start: () => connected(startBacnet(), waitedFor),
    tags: {
      steady: { address: 'analog-input:1' },
      writable: { address: 'analog-value:2', write: BOUNDS },
      sensor: { address: 'analog-input:3', ...SOUND },
    },
  },
  {
    protocol: 'can',
    isThere: hasCanUtils,
    start: () =>
      connected(startCan(['100             Rx   d 2 45 01', '101             Rx   d 2 59 EA']), () => ({
        interface: 'can0',
        silenceMaxMs: 600_000,
      })),
    tags: {
      steady: { id: 0x100, start: 0, length: 16, scale: 0.01 },
      sensor: { id: 0x101, start: 0, length: 16, ...SOUND },
    },
  },
  {
    protocol: 'ethernet-ip',
    way: 'tcp',
    isThere: hasLogix,
    start: () => connected(startLogix(), waitedFor),
    tags: {
      steady: { address: 'Steady' },
      writable: { address: 'Setpoint', scale: 0.1, write: BOUNDS },
      sensor: { address: 'Sensor', ...SOUND },
    },
  },
  {
    protocol: 'iec104',
    way: 'tcp',
    isThere: hasIec104,
    impatient: { timeoutMs: 1_000, t1Seconds: 2, t2Seconds: 1, t3Seconds: 2 },
    start: () => connected(startIec104(), onLoopback),
    tags: {
      steady: { address: '400' },
      writable: { address: '402', command: { kind: 'float' }, write: BOUNDS },
      sensor: { address: '403', ...SOUND },
    },
  },
  {
    impatient: { timeoutMs: 500, keepaliveSeconds: 1 },
    protocol: 'mqtt',
    way: 'tcp',
    isThere: hasMosquitto,
    start: () => connected(startMqttMachine(), onLoopback),
    tags: {
      steady: { topic: 'machine/steady' },
      writable: { topic: 'machine/writable', command: { topic: 'machine/set' }, write: BOUNDS },
      sensor: { topic: 'machine/sensor', path: 'raw', ...SOUND },
    },
  },
  {
    protocol: 'http',
    way: 'tcp',
    isThere: hasPython,
    start: startHttp,
    fastMs: 50,
    tags: {
      steady: { path: 'steady' },
      writable: { path: 'setpoint', write: BOUNDS },
      sensor: { path: 'deep.sensor', ...SOUND },
    },
  },
  {
    protocol: 'webhook',
    isThere: hasCurl,
    start: () => connected(startPoster(), ({ port }) => ({ port })),
    tags: { steady: { path: 'steady' }, sensor: { path: 'deep.sensor', ...SOUND } },
  },
  {
    protocol: 'files',
    isThere: true,
    start: () => connected(startGrowingFile(), ({ path }) => ({ path, format: 'jsonl', resume: false, from: 'start' })),
    tags: { steady: { address: 'steady' }, sensor: { address: 'deep.sensor', ...SOUND } },
  },
  {
    protocol: 'opcua',
    way: 'tcp',
    isThere: hasOpcua,
    impatient: { timeoutMs: 1_000 },
    garbledShare: 0.5,
    // Its values are still, and would be told once where it tells by itself.
    start: () =>
      connected(startOpcua({ tags: 1 }), ({ port }) => ({
        endpoint: `opc.tcp://localhost:${port}`,
        security: 'none',
        reading: 'poll',
        ...PATIENT,
      })),
    tags: {
      steady: { address: 'ns=2;s=Double' },
      writable: { address: 'ns=2;s=Setpoint', scale: 0.1, write: BOUNDS },
      sensor: { address: 'ns=2;s=UInt16', ...SOUND },
    },
  },
  {
    protocol: 'snmp',
    way: 'udp',
    isThere: hasSnmp,
    secrets: { word: 'hidden-word' },
    start: () =>
      connected(startSnmp(), (peer) => ({
        ...waitedFor(peer),
        access: { version: 'v2c', community: { secret: 'word' } },
      })),
    tags: {
      steady: { address: '1.3.6.1.4.1.99999.1.0', scale: 0.01 },
      writable: { address: '1.3.6.1.4.1.99999.2.0', scale: 0.1, writeAs: 'integer', write: BOUNDS },
      sensor: { address: '1.3.6.1.4.1.99999.3.0', ...SOUND },
    },
  },
  {
    protocol: 'sql',
    way: 'tcp',
    garbledShare: 0.5,
    isThere: hasPostgres,
    start: startTable,
    groups: { fast: { query: 'select steady from sample' }, slow: { query: 'select sensor from sample' } },
    tags: { steady: { address: 'steady' }, sensor: { address: 'sensor', ...SOUND } },
  },
  {
    protocol: 'serial',
    way: 'line',
    isThere: hasSerial,
    fastMs: 60,
    start: () => connected(startSerial(), ({ path }) => ({ path, ...PATIENT })),
    groups: {
      fast: { request: 'V', pattern: '^V (?<steady>[0-9.]+) (?<target>[0-9.]+)$' },
      slow: { request: 'S', pattern: '^S (?<sensor>[0-9]+)$' },
    },
    tags: {
      steady: { address: 'steady' },
      writable: { address: 'target', command: { send: 'T {value}', reply: '^OK$' }, write: BOUNDS },
      sensor: { address: 'sensor', ...SOUND },
    },
  },
  {
    protocol: 's7',
    way: 'tcp',
    isThere: hasS7,
    start: () => connected(startS7(), waitedFor),
    tags: {
      steady: { address: 'DB2.DBD24', type: 'real', scale: 2, offset: -2.75 },
      writable: { address: 'DB1.DBW200', type: 'int', scale: 0.1, write: BOUNDS },
      sensor: { address: 'DB1.DBD8', type: 'dint', ...SOUND },
    },
  },
  {
    protocol: 'knx',
    way: 'udp',
    isThere: hasKnx,
    // Its library begins two seconds after it is told to, and finds out late that a tunnel is no good.
    impatient: { timeoutMs: 5_000 },
    garbledShare: 0.15,
    start: () => connected(startKnx(), (peer) => ({ ...onLoopback(peer), localAddress: '127.0.0.1' })),
    tags: {
      steady: { address: '1/1/1', dpt: '9.001' },
      writable: { address: '1/1/2', dpt: '14.056', write: BOUNDS },
      sensor: { address: '1/1/3', dpt: '7.001', ...SOUND },
    },
  },
  {
    impatient: { timeoutMs: 500, keepaliveSeconds: 1 },
    protocol: 'sparkplug',
    way: 'tcp',
    isThere: hasMosquitto && hasProtoc,
    start: () => connected(startSparkplugMachine(), ({ port }) => ({ ...onLoopback({ port }), group: 'plant' })),
    tags: {
      steady: { node: 'line-3', device: 'press-7', metric: 'steady' },
      writable: { node: 'line-3', device: 'press-7', metric: 'writable', write: BOUNDS },
      sensor: { node: 'line-3', device: 'press-7', metric: 'sensor', ...SOUND },
    },
  },
  {
    protocol: 'simulator',
    isThere: true,
    start: async () => ({ connection: { seed: 5 }, [Symbol.asyncDispose]: async () => undefined }),
    tags: {
      steady: { signal: { kind: 'constant', value: 3.25 } },
      writable: { signal: { kind: 'constant', value: 30 }, write: BOUNDS },
      sensor: { signal: { kind: 'constant', value: 59_993 }, ...SOUND },
    },
  },
]

async function startHttp(): Promise<StartedEquipment> {
  const machine = await startHttpMachine()
  const at = (url: string) => ({
    connection: PATIENT,
    more: {
      groups: { url: `${url}/` },
      writable: { command: { url: `${url}/setpoint`, payload: '{"to": {{value}}}' } },
    },
  })
  return {
    ...at(machine.url),
    place: Number(new URL(machine.url).port),
    by: ({ port }) => at(`http://127.0.0.1:${port}`),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  }
}

/** A table of one row. */
async function startTable(): Promise<StartedEquipment> {
  const cluster = await startPostgres()
  const url = await newDatabase(cluster.url)
  await sqlOn(url, 'create table sample as select 3.25::real as steady, 59993 as sensor')
  const { port, pathname, username, password } = new URL(url)
  const at = (place: number) => ({
    connection: {
      host: '127.0.0.1',
      port: place,
      database: pathname.slice(1),
      user: username,
      password: { secret: 'password' },
    },
  })
  return {
    ...at(Number(port)),
    place: Number(port),
    by: (other) => at(other.port),
    secrets: { password },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}
