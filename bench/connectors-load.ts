/**
 * connectors-load MODE PORT: reads 100,000 floats a second over ten connections, for `connectors`: `engine` with sources, `bare` with the client library
 * and nothing else. Prints what it took, as one line of JSON.
 */
import { tmpdir } from 'node:os'
import { sizeOf } from '@skerry/connectors/reading'
import { startSource } from '@skerry/connectors/source-host'
import { ModbusSource } from '@skerry/contract/source'
import { systemClock } from '@skerry/platform/clock'
import modbus from 'modbus-serial'

const CONNECTIONS = 10
const GROUPS = 10
const TAGS = 1_000
const EVERY_MS = 1_000

/** Everything is loaded, compiled and connected by then. */
const WARM_UP_MS = 5_000
const MEASURED_MS = 15_000

/** [Modbus 6.3] 62 floats fit into one answer of 125 registers. */
const FLOATS_A_REQUEST = 62

const [mode = '', port = ''] = process.argv.slice(2)
const sleep = (ms: number) => systemClock.sleep(ms, new AbortController().signal)
let values = 0

const result = await (mode === 'engine' ? measureEngine() : measureBare())
console.log(JSON.stringify(result))
process.exit()

async function measureEngine() {
  const sources = Array.from({ length: CONNECTIONS }, (_, index) =>
    startSource(sourceOf(index), {
      ...{ clock: systemClock, random: Math.random, onState: () => undefined, secrets: {}, stateFolder: tmpdir() },
      onReading(reading) {
        values += sizeOf(reading)
      },
    }),
  )
  const used = await measured()
  const groups = sources.flatMap((source) => source.figures().groups)
  const latencies = await writeUnderLoad(sources)
  return {
    ...used,
    skipped: groups.reduce((sum, { skipped }) => sum + skipped, 0),
    lost: sources.reduce((sum, source) => sum + source.figures().lost, 0),
    writeP50Ms: quantile(latencies, 0.5),
    writeP99Ms: quantile(latencies, 0.99),
  }
}

async function writeUnderLoad(sources: ReturnType<typeof startSource>[]): Promise<number[]> {
  const latencies: number[] = []
  for (let index = 0; index < 200; index += 1) {
    const startMs = performance.now()
    const outcome = await sources[index % CONNECTIONS]?.write('setpoint', index % 100)
    if (!outcome?.ok) throw new Error(`a write was refused: ${JSON.stringify(outcome)}`)
    latencies.push(performance.now() - startMs)
    await sleep(23)
  }
  return latencies
}

function quantile(numbers: readonly number[], share: number): number {
  return round(numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)] ?? 0)
}

function sourceOf(index: number) {
  const tags = Array.from({ length: TAGS }, (_, tag) => ({ address: `holding:${tag * 2}`, type: 'float32' as const }))
  const groups = Array.from({ length: GROUPS }, (_, group) => ({
    name: `g${group}`,
    everyMs: EVERY_MS,
    tags: tags.map((tag, number) => ({ ...tag, name: `t${group}.${number}` })),
  }))
  const writable = { name: 'setpoint', address: `holding:${9_000 + index}`, write: { perMinute: 6_000 } }
  return ModbusSource.parse({
    ...{ name: `plc-${index}`, protocol: 'modbus', connection: { host: '127.0.0.1', port: Number(port) } },
    groups: [...groups, { name: 'writes', everyMs: EVERY_MS, tags: [writable] }],
  })
}

/** What somebody would write who needs one source, today, and nothing else. */
async function measureBare() {
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const client = new modbus.default()
    await client.connectTCP('127.0.0.1', { port: Number(port) })
    void readForEver(client)
  }
  return measured()
}

async function readForEver(client: InstanceType<typeof modbus.default>): Promise<void> {
  for (let dueMs = performance.now(); ; dueMs += EVERY_MS) {
    for (let group = 0; group < GROUPS; group += 1) {
      for (let float = 0; float < TAGS; float += FLOATS_A_REQUEST) {
        const count = Math.min(FLOATS_A_REQUEST, TAGS - float)
        const { buffer } = await client.readHoldingRegisters(float * 2, count * 2)
        for (let at = 0; at < count; at += 1) if (!Number.isNaN(buffer.readFloatBE(at * 4))) values += 1
      }
    }
    await sleep(Math.max(0, dueMs + EVERY_MS - performance.now()))
  }
}

async function measured() {
  await sleep(WARM_UP_MS)
  const [valuesBefore, cpuBefore, startMs] = [values, process.cpuUsage(), performance.now()]
  await sleep(MEASURED_MS)
  const elapsedMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    valuesPerSec: Math.round(((values - valuesBefore) / elapsedMs) * 1_000),
    cpuPercent: round((user + system) / elapsedMs / 10),
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  }
}

function round(number: number): number {
  return Math.round(number * 100) / 100
}
