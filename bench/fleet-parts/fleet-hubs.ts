/**
 * fleet, the part `hubs`: two hubs on one PostgreSQL, with the devices spread over both by a plain TCP balancer. The
 * database and the balancer run on the same machine too.
 *
 *     join → connect → two rollouts in one wave → idle → compare
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { openHubPair } from '../../test/stage/two-hubs.ts'
import { cpuMs, rssMb } from '../usage/process-use.ts'
import * as phase from './fleet-phases.ts'
import { AT_ONCE, pidOf } from './fleet-stage.ts'

const IDLE_MS = 30_000
const SETTLE_MS = 3_000
const SEED = 1

/** Runs the part, with this number of devices on both hubs together. */
export async function measureHubs(devices: number): Promise<object> {
  await using pair = await openHubPair()
  using simulator = await phase.startSimulator()
  const [hub] = pair.hubs
  const pids = await Promise.all(pair.hubs.map(pidOf))
  const usedMs = async () => (await Promise.all(pids.map(cpuMs))).reduce((sum, ms) => sum + ms, 0)
  await hub.client.site.apply({ name: 'bench', kind: 'edge' })
  const { token } = await hub.client.token.create({ site: 'bench', usesMax: devices })
  const joinMs = await simulator.ask<number>({ kind: 'join', token, count: devices, seed: SEED })
  const joinedMs = await usedMs()
  await simulator.ask({ kind: 'open', seed: SEED, shares: {}, failingVersions: [], requestsPerSecond: 1 })
  const connectMs = await simulator.ask<number>({ kind: 'start', atOnce: AT_ONCE })
  await sleep(SETTLE_MS)
  const connectedMs = await usedMs()
  const links = await pair.links()
  console.error(`connected in ${Math.round(connectMs)} ms, ${links.join(' and ')}`)
  const [first, second] = [await phase.pushVersion(hub, 1), await phase.pushVersion(hub, 2)]
  await phase.deploy(hub, first)
  await phase.untilActive(simulator, first, devices)
  await phase.untilAgreed(simulator, devices)
  const beforeMs = await usedMs()
  await phase.deploy(hub, second)
  const figure = await phase.untilActive(simulator, second, devices)
  const afterMs = await usedMs()
  await phase.untilAgreed(simulator, devices)
  const rolloutMs = figure.lastActiveMs - figure.firstOfferMs
  console.error(`rolled out in ${Math.round(rolloutMs)} ms`)
  const idleMs = await idleCpuMs(usedMs)
  const figures = await simulator.figures()
  return {
    benchmark: 'fleet hubs',
    devices,
    links,
    joinsPerSec: Math.round((devices / joinMs) * 1_000),
    connectMs: Math.round(connectMs),
    connectCpuMsPerDevice: share(connectedMs - joinedMs, devices),
    rolloutMs: Math.round(rolloutMs),
    rolloutCpuMsPerDevice: share(afterMs - beforeMs, devices),
    hubsCpuIdlePercent: share(idleMs * 100, IDLE_MS),
    hubRssMb: await Promise.all(pids.map(rssMb)),
    errors: [figures.connectFailures, figures.reportFailures, figures.drops]
      .flatMap((counts): number[] => Object.values(counts))
      .reduce((sum, count) => sum + count, 0),
    lost: await phase.countLost(hub, simulator),
  }
}

async function idleCpuMs(usedMs: () => Promise<number>): Promise<number> {
  await sleep(SETTLE_MS)
  const fromMs = await usedMs()
  await sleep(IDLE_MS)
  return (await usedMs()) - fromMs
}

const share = (value: number, of: number) => Math.round((value / of) * 100) / 100
