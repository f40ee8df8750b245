/**
 * places: the time to plan a fleet, the latency that a gateway adds, the throughput that it keeps, and the time to the
 * next good answer after a device is killed. The goals are those of docs/models/routes.md.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { startProgram } from '../../examples/stage/program.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { median, type Summary } from '../serve-parts/serve-latency.ts'
import type { PlacesTask } from './places-client.ts'
import { measureFailover } from './places-failover.ts'
import { benchModel, MODELS, type ModelName, WIDTH } from './places-model.ts'
import { planFleet } from './places-plan.ts'
import { shareFleet } from './places-scarce.ts'

const GOALS = {
  planSeconds: 2,
  unmetAboveOptimum: 0,
  p50AddedMs: 0.3,
  throughputRatio: 0.9,
  /** Of the model of 20 ms and more, on a machine with a core for each place. */
  twoPlacesRatio: 1.7,
  failoverMs: 1_000,
  wrong: 0,
}

/** An odd number, so that the median is a measured value. Both ways are measured in turn, because other load comes and goes. */
const ROUNDS = 5
const RUN_MS = 1_500

/** More is slower than the solver can prove to be the best. */
const SCARCE_DEVICES = 1_000

/** Without the solver. All replicas have a device in the end: there is room for each, by the way in which the fleet is made. */
const LARGE_DEVICES = 10_000

/** Runs the benchmark; takes some four minutes. */
export async function run(): Promise<object> {
  const plan = planFleet()
  const scarce = await shareFleet(SCARCE_DEVICES)
  const scarceLarge = await shareFleet(LARGE_DEVICES)
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-places-'))
  try {
    await using hub = await startHub(await newHubHome(folder))
    await using north = await startPlace(hub, 'north', folder)
    await using south = await startPlace(hub, 'south', folder)
    // It declares no address, so gateways reach it by streams through the hub.
    await using east = await startAgent(hub, { site: { name: 'east', kind: 'edge' }, device: 'east-1', folder })
    for (const name of MODELS) await deploy(hub, name)
    await using gateway = startProgram({
      name: 'gateway',
      entry: 'apps/cli/src/main.ts',
      args: ['gateway', '--site', 'north', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
      logFolder: folder,
      env: { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath },
    })
    const { url } = await gateway.waitFor('gateway_ready')
    const client = fork(new URL('./places-client.ts', import.meta.url))
    await once(client, 'message')
    const key = hub.connection.key ?? ''
    const gatewayPort = portOf(String(url))
    const ways = { client, direct: portOf(north.restUrl), gateway: gatewayPort, suffix: '', key }
    const linked = { ...ways, direct: portOf(east.restUrl), suffix: '-link' }
    await until(async () => {
      const { rows } = await hub.client.route.list({})
      return rows.every(({ name, places }) => places === (name.endsWith('-both') ? 2 : 1))
    })
    const models: Record<string, object> = {}
    for (const name of MODELS) models[name] = await measure(name, ways)
    const links: Record<string, object> = {}
    for (const name of MODELS) links[name] = await measure(name, linked)
    client.disconnect()
    const failover = await measureFailover({ hub, url: String(url), victim: south })
    return { benchmark: 'places', goals: GOALS, plan, scarce, scarceLarge, direct: models, link: links, failover }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const portOf = (url: string) => Number(new URL(url).port)

async function startPlace(hub: HubProgram, site: string, folder: string): Promise<AgentProgram> {
  const address = `127.0.0.1:${await freePort()}`
  const options = ['--listen', address, '--serve-address', `http://${address}`]
  return startAgent(hub, { site: { name: site, kind: 'edge' }, device: `${site}-1`, folder, options })
}

async function deploy(hub: HubProgram, name: ModelName): Promise<void> {
  const golden = { cases: [{ inputs: { x: floatTensor([1, WIDTH], new Float32Array(WIDTH).fill(1)) } }] }
  await pushModel(hub, { name, bytes: benchModel(name), golden })
  await hub.client.deployment.apply({ name, deployable: name, probation: { seconds: 0 } })
  await until(async () => (await hub.client.deployment.get({ deployment: name })).rolloutStatus === 'done')
  await hub.client.route.set({ name, spec: { model: name, prefer: 'order', sites: ['north'], concurrency: 256 } })
  await hub.client.route.set({
    name: `${name}-link`,
    spec: { model: name, prefer: 'order', sites: ['east'], concurrency: 256 },
  })
  // A rule of data excludes the place that is reached through the hub.
  const rules = { dataClass: 'public' } as const
  await hub.client.route.set({
    name: `${name}-both`,
    spec: { model: name, prefer: 'least', concurrency: 256, ...rules },
  })
}

/** `suffix`: of the routes, which lead to the place at `direct` alone. */
type Ways = { client: ChildProcess; direct: number; gateway: number; suffix: string; key: string }

/** One place, directly and through the gateway, with one request at a time and with eight; then both places. */
async function measure(name: ModelName, { client, direct, gateway, suffix, key }: Ways): Promise<object> {
  const route = `${name}${suffix}`
  const ask = async (task: Omit<PlacesTask, 'ms' | 'key'>): Promise<Summary> => {
    client.send({ ...task, key, ms: RUN_MS } satisfies PlacesTask)
    const [summary] = await once(client, 'message')
    return summary as Summary
  }
  const rounds: Record<'direct1' | 'gateway1' | 'direct8' | 'gateway8' | 'both8', Summary[]> = {
    direct1: [],
    gateway1: [],
    direct8: [],
    gateway8: [],
    both8: [],
  }
  // The first round warms everything up, and is thrown away.
  for (let round = 0; round <= ROUNDS; round++) {
    const now = {
      direct1: await ask({ port: direct, path: name, concurrency: 1 }),
      gateway1: await ask({ port: gateway, path: route, concurrency: 1 }),
      direct8: await ask({ port: direct, path: name, concurrency: 8 }),
      gateway8: await ask({ port: gateway, path: route, concurrency: 8 }),
      both8: await ask({ port: gateway, path: `${name}-both`, concurrency: 8 }),
    }
    if (round === 0) continue
    for (const [way, summary] of Object.entries(now)) rounds[way as keyof typeof rounds].push(summary)
  }
  const middle = (way: keyof typeof rounds, figure: keyof Summary) => median(rounds[way].map((one) => one[figure]))
  return {
    p50Ms: middle('direct1', 'p50Ms'),
    p50AddedMs: middle('gateway1', 'p50Ms') - middle('direct1', 'p50Ms'),
    p99AddedMs: middle('gateway1', 'p99Ms') - middle('direct1', 'p99Ms'),
    perSecond: middle('direct8', 'perSec'),
    throughputRatio: middle('gateway8', 'perSec') / middle('direct8', 'perSec'),
    /** Two places share the cores of this machine with the gateway and the client. */
    ...(suffix === '' && { twoPlacesRatio: middle('both8', 'perSec') / middle('gateway8', 'perSec') }),
  }
}
