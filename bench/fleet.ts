/**
 * fleet: the cost of many devices for a hub. The hub is one process, the devices another one (the agent's own link and
 * decisions over a body that is not there), the bare server of the baseline a third. All run on one machine, so the hub
 * lacks the processor time that the devices use.
 *
 *     join → baseline → connect → rollout in one wave → abort → pause → idle → hub killed and started again → compare
 */
import { stat } from 'node:fs/promises'
import { join as joinPath } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WatchingFigures } from '@skerry/agent/simulator/fake-monitors'
import { type HubHome, startHub } from '../examples/stage/fleet.ts'
import { watchApi } from './fleet-parts/fleet-api-watch.ts'
import { measureHubs } from './fleet-parts/fleet-hubs.ts'
import * as phase from './fleet-parts/fleet-phases.ts'
import { AT_ONCE, type Bench, onFleet, pidOf } from './fleet-parts/fleet-stage.ts'
import { type FleetUse, takeUse } from './fleet-parts/fleet-use.ts'
import { cpuMs, rssMb } from './usage/process-use.ts'

/** Two rounds of reports at 60 s would be fairer, one of them is enough: each device reports once in it. */
const IDLE_MS = 60_000

/** The time until the garbage of connections and rollouts is gone, before memory is measured. */
const SETTLE_MS = 3_000

const SEED = 1

/**
 * Runs the benchmark: some two minutes at 1,000 devices, ten at 10,000. The part `monitors` measures a monitor of eight
 * features on every device instead, and the part `hubs` two hubs on one PostgreSQL.
 */
export const run = ({ devices, part }: { devices: number; part: string }): Promise<object> =>
  part === 'hubs'
    ? measureHubs(devices)
    : onFleet<object>('fleet', devices, part === 'monitors' ? measureMonitors : measure)

async function measure(bench: Bench) {
  const joining = await join(bench)
  const started = await takeUse(bench)
  const connecting = await connect(bench, joining.bare)
  const connected = await takeUse(bench)
  const api = watchApi(bench)
  const rollouts = await rollOut(bench, api)
  const idle = await rest(bench)
  const answers = await api.stop()
  const before = await bench.simulator.figures()
  const rested = await takeUse(bench)
  const storming = await storm(bench, joining.bare.elapsedMs)
  const failures = [before.connectFailures, before.reportFailures, before.drops].flatMap(Object.values) as number[]
  return {
    joinsPerSec: joining.joinsPerSec,
    ...connecting,
    ...perDevice(bench.devices, started, connected),
    ...rollouts,
    ...idle,
    hubHeapLiveMb: rested.heapLiveMb,
    hubFilesPerDevice: share(rested.hubFiles - started.hubFiles, bench.devices),
    apiP50Ms: answers.p50Ms,
    apiP99Ms: answers.p99Ms,
    apiRequests: answers.count,
    reportP50Ms: before.reportP50Ms,
    reportP99Ms: before.reportP99Ms,
    ...storming,
    dbMb: await databaseMb(bench.home),
    errors: sum(failures) + answers.errors,
    lost: await phase.countLost(bench.hub, bench.simulator),
  }
}

/** A change for the whole organisation reaches every device, which then sends windows. */
async function measureMonitors(bench: Bench) {
  const { hub, simulator, devices } = bench
  const joining = await join(bench)
  const connecting = await connect(bench, joining.bare, true)
  const version = await phase.pushVersion(hub, SEED)
  await phase.deploy(hub, version)
  await phase.untilActive(simulator, version, devices)
  await phase.untilAgreed(simulator, devices)
  const before = await takeUse(bench)
  const reachMs = await phase.monitor(hub, simulator, { version, devices })
  const after = await takeUse(bench)
  note(`a monitor reached every device in ${round(reachMs)} ms`)
  const api = watchApi(bench)
  const idle = await rest(bench)
  const answers = await api.stop()
  const { windows, windowsUnsent } = await simulator.ask<WatchingFigures>({ kind: 'watching' })
  return {
    ...connecting,
    monitorReachMs: round(reachMs),
    monitorCpuMsPerDevice: share(after.hubCpuMs - before.hubCpuFromMs, devices),
    monitorStatementsPerDevice: share(after.statements - before.statements, devices),
    ...idle,
    windows,
    apiP99Ms: answers.p99Ms,
    dbMb: await databaseMb(bench.home),
    errors: answers.errors + windowsUnsent,
    lost: await phase.countLost(hub, simulator),
  }
}

type Bare = Awaited<ReturnType<typeof phase.measureBaseline>>

/** Joins all devices, and measures the bare server. */
async function join({ hub, simulator, devices }: Bench): Promise<{ joinsPerSec: number; bare: Bare }> {
  const { client } = hub
  await client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await client.token.create({ site: 'bench', usesMax: devices })
  const joinMs = await simulator.ask<number>({ kind: 'join', token, count: devices, seed: SEED })
  note(`${devices} devices joined in ${round(joinMs)} ms`)
  const bare = await phase.measureBaseline(simulator, hub.authorityPath, AT_ONCE)
  note(`baseline ${round(bare.elapsedMs)} ms`)
  return { joinsPerSec: round((devices / joinMs) * 1_000), bare }
}

async function connect({ hub, simulator, devices }: Bench, bare: Bare, hasMonitors = false) {
  const pid = await pidOf(hub)
  const rssBefore = await rssMb(pid)
  const cpuBefore = await cpuMs(pid)
  const simulatorCpuBefore = await cpuMs(simulator.pid)
  const plain = { seed: SEED, shares: {}, failingVersions: [], requestsPerSecond: 1 }
  await simulator.ask({ kind: 'open', ...plain, hasMonitors })
  const connectMs = await simulator.ask<number>({ kind: 'start', atOnce: AT_ONCE })
  await sleep(SETTLE_MS)
  const connectCpuMs = (await cpuMs(pid)) - cpuBefore
  const simulatorCpuMs = (await cpuMs(simulator.pid)) - simulatorCpuBefore
  note(`connected in ${round(connectMs)} ms`)
  return {
    connectMs: round(connectMs),
    baselineConnectMs: round(bare.elapsedMs),
    connectToBaseline: share(connectMs, bare.elapsedMs),
    connectsPerSec: round((devices / connectMs) * 1_000),
    connectCpuMsPerDevice: share(connectCpuMs, devices),
    baselineCpuMsPerDevice: share(bare.usedMs, devices),
    connectCpuToBaseline: share(connectCpuMs, bare.usedMs),
    simulatorCpuMsPerDevice: share(simulatorCpuMs, devices),
    simulatorBaselineCpuMsPerDevice: share(bare.simulatorUsedMs, devices),
    kbPerDevice: round((((await rssMb(pid)) - rssBefore) * 1_000) / devices),
    baselineKbPerDevice: round((bare.usedMb * 1_000) / devices),
    simulatorKbPerDevice: round(((await rssMb(simulator.pid)) * 1_000) / devices),
  }
}

/** The parts of a connection that other work on the machine does not change. */
const perDevice = (devices: number, before: FleetUse, after: FleetUse) => ({
  connectStatementsPerDevice: share(after.statements - before.statements, devices),
  connectWireBytesToHub: round((after.wireOut - before.wireOut) / devices),
  connectWireBytesFromHub: round((after.wireIn - before.wireIn) / devices),
  heapLiveKbPerDevice: round(((after.heapLiveMb - before.heapLiveMb) * 1_000) / devices),
  externalLiveKbPerDevice: round(((after.externalLiveMb - before.externalLiveMb) * 1_000) / devices),
  hubBeforeMb: before.hubRssMb,
  hubHeapBeforeMb: before.heapLiveMb,
})

async function rollOut(bench: Bench, api: ReturnType<typeof watchApi>) {
  const { hub, simulator, devices } = bench
  const versions: number[] = []
  for (let seed = 1; seed <= 4; seed++) versions.push(await phase.pushVersion(hub, seed))
  const [first = 1, second = 2, third = 3, fourth = 4] = versions
  await phase.deploy(hub, first)
  await phase.untilActive(simulator, first, devices)
  await phase.untilAgreed(simulator, devices)
  const before = await takeUse(bench)
  const startedMs = await simulator.now()
  const { rollout } = await phase.deploy(hub, second)
  api.follow(rollout)
  const figure = await phase.untilActive(simulator, second, devices)
  const after = await takeUse(bench)
  await phase.untilAgreed(simulator, devices)
  note(`rolled out in ${round(figure.lastActiveMs - figure.firstOfferMs)} ms`)
  const abortToLastOfferMs = await abort({ hub, simulator, devices }, third)
  note(`aborted in ${round(abortToLastOfferMs)} ms`)
  const pauseObservedMs = await pause({ hub, simulator, devices }, fourth)
  note(`paused in ${round(pauseObservedMs)} ms`)
  return {
    applyToFirstOfferMs: round(figure.firstOfferMs - startedMs),
    rolloutMs: round(figure.lastActiveMs - figure.firstOfferMs),
    rolloutCpuMsPerDevice: share(after.hubCpuMs - before.hubCpuFromMs, devices),
    rolloutStatementsPerDevice: share(after.statements - before.statements, devices),
    rolloutWireBytes: round((after.wireIn - before.wireIn + after.wireOut - before.wireOut) / devices),
    offersPerSec: round((devices / Math.max(1, figure.lastOfferMs - figure.firstOfferMs)) * 1_000),
    abortToLastOfferMs: round(abortToLastOfferMs),
    pauseObservedMs: round(pauseObservedMs),
  }
}

type Steered = Omit<Bench, 'home'>

/**
 * Aborts a rollout that a tenth of the devices have been offered; gives how long offers still arrive after the hub's
 * answer.
 */
async function abort({ hub, simulator, devices }: Steered, version: number): Promise<number> {
  const { rollout } = await phase.deploy(hub, version)
  await phase.untilOffered(simulator, version, devices / 10)
  const askedMs = await simulator.now()
  await hub.client.rollout.abort({ rollout, reason: 'bench' })
  const answeredMs = await simulator.now()
  await sleep(SETTLE_MS)
  await phase.untilAgreed(simulator, devices)
  const figure = (await simulator.figures()).versions[`${phase.MODEL}:${version}`]
  note(`aborted after ${round(answeredMs - askedMs)} ms, ${figure?.offered} of ${devices} had been offered`)
  return Math.max(0, (figure?.lastOfferMs ?? 0) - answeredMs)
}

/**
 * Waves of a twentieth each; gives the time from the request to pause until the last offer, or the answer if that is
 * later.
 */
async function pause({ hub, simulator, devices }: Steered, version: number): Promise<number> {
  const waves = Array.from({ length: 19 }, () => '5%')
  const { rollout } = await phase.deploy(hub, version, waves)
  await phase.untilOffered(simulator, version, devices / 5)
  const askedMs = await simulator.now()
  await hub.client.rollout.pause({ rollout, reason: 'bench' })
  const answeredMs = await simulator.now()
  await sleep(SETTLE_MS)
  const figure = (await simulator.figures()).versions[`${phase.MODEL}:${version}`]
  const observedMs = Math.max(answeredMs, figure?.lastOfferMs ?? 0) - askedMs
  await hub.client.rollout.resume({ rollout, reason: 'bench' })
  await phase.untilActive(simulator, version, devices)
  await phase.untilAgreed(simulator, devices)
  return observedMs
}

async function rest({ hub, devices }: Bench) {
  const pid = await pidOf(hub)
  await sleep(SETTLE_MS)
  const before = await cpuMs(pid)
  await sleep(IDLE_MS)
  const hubCpuIdlePercent = round((1_000 * ((await cpuMs(pid)) - before)) / IDLE_MS) / 10
  note(`idle: ${hubCpuIdlePercent} % of a core`)
  return { hubCpuIdlePercent, idleReportsPerSec: round(devices / 60), hubRssMb: round(await rssMb(pid)) }
}

/**
 * Kills the hub without notice, and starts it again on its files. The time runs from the kill until all agree. People
 * request lists as soon as the hub is back.
 */
async function storm(bench: Bench, baselineMs: number) {
  const startedMs = performance.now()
  const killedMs = await bench.simulator.now()
  process.kill(await pidOf(bench.hub), 'SIGKILL')
  bench.hub = await startHub(bench.home)
  const api = watchApi(bench)
  note(`hub is back after ${round(performance.now() - startedMs)} ms`)
  await phase.untilAgreed(bench.simulator, bench.devices, killedMs)
  const stormMs = performance.now() - startedMs
  note(`all agree after ${round(stormMs)} ms`)
  const answers = await api.stop()
  const { connectFailures } = await bench.simulator.figures()
  const pid = await pidOf(bench.hub)
  return {
    stormMs: round(stormMs),
    stormToBaseline: share(stormMs, baselineMs),
    stormCpuMsPerDevice: share(await cpuMs(pid), bench.devices),
    stormRefusals: sum(Object.values(connectFailures)),
    stormApiP99Ms: answers.p99Ms,
    stormRssMb: round(await rssMb(pid)),
  }
}

async function databaseMb({ folder }: HubHome): Promise<number> {
  const files = ['hub.sqlite', 'hub.sqlite-wal'].map((name) =>
    stat(joinPath(folder, 'hub', name)).catch(() => ({ size: 0 })),
  )
  return round((await Promise.all(files)).reduce((bytes, { size }) => bytes + size, 0) / 1e5) / 10
}

const round = Math.round
const share = (value: number, of: number) => Math.round((value / of) * 100) / 100
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const note = (text: string) => console.error(text)
