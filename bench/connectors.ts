/**
 * connectors: the cost of reading 100,000 tags a second, against the client library alone in the same run, with
 * equipment by other people. It also measures how soon values are back after the equipment was killed.
 * `--protocol modbus|opcua|s7`.
 */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { startModbus } from '@skerry/testkit/peers/modbus-peer'
import { startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { startS7 } from '@skerry/testkit/peers/s7-peer'
import { GOALS, NEURON } from './connectors-parts/connectors-goals.ts'
import { worstReconnectMs } from './connectors-parts/connectors-reconnect.ts'
import type { Protocol } from './connectors-parts/connectors-sources.ts'

type Load = { valuesPerSec: number; cpuPercent: number; rssMb: number }

/** Runs the benchmark: a minute. */
export async function run({ protocol }: { protocol: string }): Promise<object> {
  if (!isProtocol(protocol)) throw new Error('there is modbus, opcua and s7')
  await using equipment = await STARTS[protocol]()
  const bare = await load<Load>(protocol === 'modbus' ? LOAD : BARE, [
    ...(protocol === 'modbus' ? ['bare'] : [protocol]),
    String(equipment.port),
  ])
  await load(LOAD, ['warm', String(equipment.port), protocol, equipment.fingerprint])
  const engine = await load<Load & object>(LOAD, ['engine', String(equipment.port), protocol, equipment.fingerprint])
  const perValue = ({ cpuPercent, valuesPerSec }: Load) => cpuPercent / valuesPerSec
  return {
    bare,
    engine,
    overheadShare: Math.round((perValue(engine) / perValue(bare) - 1) * 100) / 100,
    reconnectMs: await worstReconnectMs(equipment, { protocol, ...equipment }),
    goals: GOALS[protocol],
    neuronAsPublished: NEURON[protocol],
  }
}

const LOAD = join(import.meta.dirname, 'connectors-parts/connectors-load.ts')
const BARE = join(import.meta.dirname, '../packages/connectors/test/stage/probe-bare-load.ts')

type Equipment = NetworkPeer & { fingerprint: string }

const STARTS: Readonly<Record<Protocol, () => Promise<Equipment>>> = {
  modbus: async () => ({ ...(await startModbus()), fingerprint: '' }),
  async opcua() {
    const peer = await startOpcua({ tags: 10_000, periodMs: 1_000 })
    return { ...peer, fingerprint: await peer.fingerprint() }
  },
  s7: async () => ({ ...(await startS7()), fingerprint: '' }),
}

const isProtocol = (name: string): name is Protocol => name in STARTS

/**
 * Like devices, which run packed code: threads that strip types of TypeScript have a compiler of 11 MB each, and the
 * cache of compiled code avoids it.
 */
const ENV = { ...process.env, NODE_COMPILE_CACHE: join(import.meta.dirname, '../.skerry/compile-cache') }

async function load<Result>(script: string, args: readonly string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env: ENV })
  // A client library may have printed something before.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Result
}
