/**
 * fleet: the cost of many devices for a hub. The hub is one process, the devices another one (the agent's own link and
 * decisions over a body that is not there), the bare server of the baseline a third. All run on one machine, so the hub
 * lacks the processor time that the devices use.
 *
 *     join → baseline → connect → rollout in one wave → abort → pause → idle → hub killed and started again → compare
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HubHome, type HubProgram, startHub } from '../examples/stage/fleet.ts'
import { watchApi } from './fleet-parts/fleet-api-watch.ts'
import * as phase from './fleet-parts/fleet-phases.ts'
import { AT_ONCE, type Bench, onFleet } from './fleet-parts/fleet-stage.ts'
import { cpuMs, rssMb } from './usage/process-use.ts'

/** Two rounds of reports at 60 s would be fairer, one of them is enough: each device reports once in it. */
const IDLE_MS = 60_000

/** The time until the garbage of connections and rollouts is gone, before memory is measured. */
const SETTLE_MS = 3_000

const SEED = 1

/** Runs the benchmark: some two minutes at 1,000 devices, ten at 10,000. */
export const run = ({ devices }: { devices: number }): Promise<object> => onFleet('fleet', devices, measure)

async function measure(bench: Bench) {
  const connecting = await connect(bench)
  const api = watchApi(bench.hub)
  const rollouts = await rollOut(bench, api)
  const answers = await api.stop()
  const idle = await rest(bench)
  const before = await bench.simulator.figures()
  const stormMs = await storm(bench)
  const after = await bench.simulator.figures()
  const failures = [before.connectFailures, before.reportFailures, before.drops].flatMap(Object.values) as number[]
  return {
    ...connecting,
    ...rollouts,
    stormMs,
    stormToBaseline: share(stormMs, connecting.baselineConnectMs),
    stormRefusals: sum(Object.values(after.connectFailures)),
    ...idle,
    apiP50Ms: answers.p50Ms,
    apiP99Ms: answers.p99Ms,
    apiRequests: answers.count,
    reportP50Ms: before.reportP50Ms,
    reportP99Ms: before.reportP99Ms,
    dbMb: await databaseMb(bench.home),
    errors: sum(failures) + answers.errors,
    lost: await phase.countLost(bench.hub, bench.simulator),
  }
}

async function connect({ hub, simulator, devices }: Bench) {
  const { client } = hub
  await client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await client.token.create({ site: 'bench', usesMax: devices })
  const joinMs = await simulator.ask<number>({ kind: 'join', token, count: devices, seed: SEED })
  note(`${devices} devices joined in ${round(joinMs)} ms`)
  const bare = await phase.measureBaseline(simulator, hub.authorityPath, AT_ONCE)
  note(`baseline ${round(bare.elapsedMs)} ms`)
  const pid = await pidOf(hub)
  const rssBefore = await rssMb(pid)
  const cpuBefore = await cpuMs(pid)
  await simulator.ask({ kind: 'open', seed: SEED, shares: {}, failingVersions: [], requestsPerSecond: 1 })
  const connectMs = await simulator.ask<number>({ kind: 'start', atOnce: AT_ONCE })
  const connectCpuMs = (await cpuMs(pid)) - cpuBefore
  await sleep(SETTLE_MS)
  note(`connected in ${round(connectMs)} ms`)
  return {
    joinsPerSec: round((devices / joinMs) * 1_000),
    connectMs: round(connectMs),
    baselineConnectMs: round(bare.elapsedMs),
    connectToBaseline: share(connectMs, bare.elapsedMs),
    connectsPerSec: round((devices / connectMs) * 1_000),
    connectCpuMsPerDevice: share(connectCpuMs, devices),
    baselineCpuMsPerDevice: share(bare.usedMs, devices),
    kbPerDevice: round((((await rssMb(pid)) - rssBefore) * 1_000) / devices),
    simulatorKbPerDevice: round(((await rssMb(simulator.pid)) * 1_000) / devices),
  }
}

async function rollOut({ hub, simulator, devices }: Bench, api: ReturnType<typeof watchApi>) {
  const versions: number[] = []
  for (let seed = 1; seed <= 4; seed++) versions.push(await phase.pushVersion(hub, seed))
  const [first = 1, second = 2, third = 3, fourth = 4] = versions
  await phase.deploy(hub, first)
  await phase.untilActive(simulator, first, devices)
  await phase.untilAgreed(simulator, devices)
  const cpuBefore = await cpuMs(await pidOf(hub))
  const startedMs = await simulator.now()
  const { rollout } = await phase.deploy(hub, second)
  api.follow(rollout)
  const figure = await phase.untilActive(simulator, second, devices)
  const rolloutCpuMs = (await cpuMs(await pidOf(hub))) - cpuBefore
  await phase.untilAgreed(simulator, devices)
  note(`rolled out in ${round(figure.lastActiveMs - figure.firstOfferMs)} ms`)
  const abortToLastOfferMs = await abort({ hub, simulator, devices }, third)
  note(`aborted in ${round(abortToLastOfferMs)} ms`)
  const pauseObservedMs = await pause({ hub, simulator, devices }, fourth)
  note(`paused in ${round(pauseObservedMs)} ms`)
  return {
    applyToFirstOfferMs: round(figure.firstOfferMs - startedMs),
    rolloutMs: round(figure.lastActiveMs - figure.firstOfferMs),
    rolloutCpuMsPerDevice: share(rolloutCpuMs, devices),
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

/** Kills the hub without notice, and starts it again on its files; gives the time from the kill until all agree. */
async function storm(bench: Bench): Promise<number> {
  const startedMs = performance.now()
  const killedMs = await bench.simulator.now()
  process.kill(await pidOf(bench.hub), 'SIGKILL')
  bench.hub = await startHub(bench.home)
  note(`hub is back after ${round(performance.now() - startedMs)} ms`)
  await phase.untilAgreed(bench.simulator, bench.devices, killedMs)
  const elapsedMs = performance.now() - startedMs
  note(`all agree after ${round(elapsedMs)} ms`)
  return round(elapsedMs)
}

async function databaseMb({ folder }: HubHome): Promise<number> {
  const files = ['hub.sqlite', 'hub.sqlite-wal'].map((name) =>
    stat(join(folder, 'hub', name)).catch(() => ({ size: 0 })),
  )
  return round((await Promise.all(files)).reduce((bytes, { size }) => bytes + size, 0) / 1e5) / 10
}

const pidOf = async (hub: HubProgram) => Number((await hub.waitFor('hub_ready')).pid)
const round = Math.round
const share = (value: number, of: number) => Math.round((value / of) * 100) / 100
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const note = (text: string) => console.error(text)
