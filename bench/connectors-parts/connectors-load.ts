/**
 * connectors-load MODE PORT PROTOCOL FINGERPRINT: reads 100,000 floats a second over ten connections, for `connectors`: `engine` with sources, `bare` with
 * the Modbus library and nothing else; `warm` only loads what sources load. Prints what it took, as one line of JSON.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sizeOf } from '@skerry/connectors/reading'
import { type SourceHost, startSource } from '@skerry/connectors/sources/source-host'
import { parseSource } from '@skerry/connectors/sources/source-parsing'
import { type SourceThreads, sharedThreads } from '@skerry/connectors/sources/source-threads'
import { systemClock } from '@skerry/platform/process/clock'
import { writesUnderLoad } from '@skerry/testkit/faults/writes-under-load'
import modbus from 'modbus-serial'
import { CONNECTIONS, EVERY_MS, GROUPS, type Protocol, sourceOf, TAGS } from './connectors-sources.ts'

/** Everything is loaded, compiled and connected by then. */
const WARM_UP_MS = 5_000
const MEASURED_MS = 15_000

/** [Modbus 6.3] 62 floats fit into one answer of 125 registers. */
const FLOATS_A_REQUEST = 62

const [mode = '', port = '', protocol = 'modbus', fingerprint = ''] = process.argv.slice(2)
const place = { protocol: protocol as Protocol, port: Number(port), fingerprint }
const stateFolder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
const sleep = (ms: number) => systemClock.sleep(ms, new AbortController().signal)
let values = 0

const MODES: Readonly<Record<string, () => Promise<object>>> = {
  engine: measureEngine,
  bare: measureBare,
  warm: warmUp,
}
const result = await MODES[mode]?.()
await rm(stateFolder, { recursive: true, force: true })
console.log(JSON.stringify(result))
process.exit()

async function measureEngine() {
  const threads = sharedThreads()
  const sources: SourceHost[] = []
  for (let index = 0; index < CONNECTIONS; index += 1) sources.push(await start(index, threads))
  const used = await measured()
  const groups = sources.flatMap((source) => source.figures().groups)
  const writes = await writesUnderLoad(async (index) => {
    const outcome = await sources[index % CONNECTIONS]?.write('setpoint', index % 100)
    if (!outcome?.ok) throw new Error(`a write was refused: ${JSON.stringify(outcome)}`)
  })
  return {
    ...used,
    skipped: groups.reduce((sum, { skipped }) => sum + skipped, 0),
    lost: sources.reduce((sum, source) => sum + source.figures().lost, 0),
    ...writes,
  }
}

/** Until one has told something, so that what it is made of is in the cache of compiled code. */
async function warmUp() {
  await using _source = await start(0, sharedThreads())
  while (values === 0) await sleep(100)
  return {}
}

/** As a device does: from the text of a file, in a thread that others of its protocol share. */
async function start(index: number, threads: SourceThreads): Promise<SourceHost> {
  const parsed = await parseSource(JSON.stringify(sourceOf(place, index)))
  if (!parsed.ok) throw new Error(parsed.message)
  return startSource(parsed.said, {
    clock: systemClock,
    random: Math.random,
    onState: () => undefined,
    secrets: {},
    stateFolder,
    threads,
    onReading(reading) {
      values += sizeOf(reading)
    },
  })
}

/** What somebody would write who needs one source, today, and nothing else. */
async function measureBare() {
  const clients: InstanceType<typeof modbus.default>[] = []
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const client = new modbus.default()
    await client.connectTCP('127.0.0.1', { port: Number(port) })
    clients.push(client)
    void readForEver(client)
  }
  const used = await measured()
  return {
    ...used,
    ...(await writesUnderLoad((index) => clients[index % CONNECTIONS]?.writeRegister(9_000, index % 100))),
  }
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
  // Threads that load at the same time take their time.
  while (values < CONNECTIONS * GROUPS * TAGS) await sleep(100)
  await sleep(WARM_UP_MS)
  const valuesBefore = values
  const cpuBefore = process.cpuUsage()
  const startMs = performance.now()
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
