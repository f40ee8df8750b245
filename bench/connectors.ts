/**
 * connectors: what it costs to read 100,000 Modbus tags a second, against the client library alone in the same run, with libmodbus as equipment; and how
 * soon values are back after the equipment was killed.
 */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startSource } from '@skerry/connectors/source-host'
import { ModbusSource } from '@skerry/contract/source'
import { systemClock } from '@skerry/platform/clock'
import { type ModbusPeer, startModbus } from '@skerry/testkit/modbus-peer'

type Load = { valuesPerSec: number; cpuPercent: number; rssMb: number }

const RECONNECTS = 5

/** Runs the benchmark: a minute. */
export async function run(): Promise<object> {
  await using peer = await startModbus()
  const bare = await load<Load>('bare', peer)
  const engine = await load<Load & object>('engine', peer)
  const perValue = ({ cpuPercent, valuesPerSec }: Load) => cpuPercent / valuesPerSec
  return {
    bare,
    engine,
    overheadShare: Math.round((perValue(engine) / perValue(bare) - 1) * 100) / 100,
    reconnectMs: await reconnects(peer),
  }
}

async function load<Result>(mode: string, { port }: ModbusPeer): Promise<Result> {
  const script = join(import.meta.dirname, 'connectors-load.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [script, mode, String(port)])
  return JSON.parse(stdout) as Result
}

/** From the moment at which the equipment listens again until a good value; the worst of some. */
async function reconnects(peer: ModbusPeer): Promise<number> {
  const source = ModbusSource.parse({
    ...{ name: 'plc', protocol: 'modbus', connection: { host: '127.0.0.1', port: peer.port } },
    groups: [{ name: 'all', everyMs: 50, tags: [{ name: 'tag', address: 'holding:1' }] }],
  })
  let quality = 'bad'
  await using _source = startSource(source, {
    ...{ clock: systemClock, random: Math.random, onState: () => undefined, secrets: {}, stateFolder: tmpdir() },
    onReading({ others }) {
      quality = others.get(0)?.quality ?? 'good'
    },
  })
  const until = async (wanted: string) => {
    while (quality !== wanted) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  const times: number[] = []
  for (let round = 0; round < RECONNECTS; round += 1) {
    await until('good')
    await peer.kill()
    await until('bad')
    await systemClock.sleep(3_000, new AbortController().signal)
    await peer.start()
    const startMs = performance.now()
    await until('good')
    times.push(performance.now() - startMs)
  }
  return Math.round(Math.max(...times))
}
