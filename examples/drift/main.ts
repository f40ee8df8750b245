/**
 * `npm run example:drift`: two devices watch real motes in two yards. The thermometers of the south drift by 5 degrees: the
 * hub finds the site. A canary of a new version then fails its drift gate, and rolls back by itself.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Monitor } from '@skerry/contract/monitors/monitor'
import { type AgentProgram, newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { floatTensor, pushModel } from '../stage/push.ts'
import { until } from '../stage/wait.ts'
import { modelFile, type Place, windowsOf } from './motes.ts'

const MODEL = 'mote-anomaly'
const DRIFT = 5
const ROWS = 250
const FEATURE = 'window'

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-drift-'))
stack.defer(() => rm(folder, { recursive: true }))

console.log('Starting a hub and two agents ...')
const hub = stack.use(await startHub(await newHubHome(folder)))
const { client } = hub
const agents: Record<Place, AgentProgram> = {
  north: stack.use(await startAgent(hub, { site: { name: 'north', kind: 'edge' }, device: 'north-1', folder })),
  south: stack.use(await startAgent(hub, { site: { name: 'south', kind: 'edge' }, device: 'south-1', folder })),
}

await push('v1')
await deploy('1')
const rules = { windowSeconds: 5, windows: 1, rowsMin: 200 }
await client.monitor.set({ name: MODEL, spec: rules })

console.log('\nBoth places are as in the training data:')
await asked(0, ({ state, versions: [version] }) => state === 'ok' && version?.cohorts?.length === 2)
console.log(`\nThe thermometers of the south drift by ${DRIFT} degrees:`)
await asked(DRIFT, ({ versions: [version] }) => version?.moved?.includes('site=south') === true)

console.log('\nA canary of version 2 runs in the south, with a drift gate:')
await push('v2')
await deploy('2', true)
const rolledBack = async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'rolled-back'
await repeat(DRIFT, rolledBack, 'the canary to be rolled back')
console.log('The canary failed its drift gate; the rollout has rolled back by itself.')

/** Pushes the version with a reference profile of both places. */
async function push(file: 'v1' | 'v2'): Promise<void> {
  const parts = await Promise.all([windowsOf('north', { count: 600 }), windowsOf('south', { count: 600 })])
  const cases = parts.map(({ shape, values }) => ({ inputs: { [FEATURE]: floatTensor(shape, values) } }))
  const { version } = await pushModel(hub, { name: MODEL, bytes: await modelFile(file), golden: { cases } })
  const profile = await client.profile.make({ name: MODEL, version: String(version.version) })
  console.log(`Pushed version ${version.version} with a reference profile of ${profile.rows} windows of both places`)
}

async function deploy(version: string, isCanary = false): Promise<void> {
  const drift = { name: 'drift', measure: 'drift' as const, failure: 'result.value > 0.25', intervalSeconds: 1 }
  const canary = { name: 'canary', selector: 'device.name == "south-1"', soakSeconds: 60 }
  await client.deployment.apply({
    name: MODEL,
    deployable: MODEL,
    version,
    probation: { seconds: 0 },
    strategy: isCanary
      ? { waves: [{ ...canary, analysis: [{ ...drift, count: 1_000 }] }], onFailure: 'rollback-all' }
      : {},
  })
  if (isCanary) return
  const isDone = async () => (await client.deployment.get({ deployment: MODEL })).rolloutStatus === 'done' || undefined
  await until('the first version on both devices', isDone, stopping.signal)
}

/** Both devices answer windows of their own motes. */
async function ask(drift: number): Promise<void> {
  for (const place of ['north', 'south'] as const) {
    const { shape, values } = await windowsOf(place, { count: ROWS, drift: place === 'south' ? drift : 0 })
    const body = JSON.stringify({ inputs: [{ name: FEATURE, datatype: 'FP32', shape, data: [...values] }] })
    const url = `${agents[place].restUrl}/v2/models/${MODEL}/infer`
    const answer = await fetch(url, { method: 'POST', body, signal: stopping.signal })
    // A device that changes its version answers again in a moment.
    await answer.arrayBuffer()
  }
}

async function repeat(drift: number, hasCome: () => Promise<boolean>, what: string): Promise<void> {
  const look = async () => {
    await ask(drift)
    return (await hasCome()) || undefined
  }
  await until(what, look, stopping.signal)
}

async function asked(drift: number, hasCome: (monitor: Monitor) => boolean): Promise<void> {
  let monitor = await client.monitor.get({ name: MODEL })
  await repeat(
    drift,
    async () => {
      monitor = await client.monitor.get({ name: MODEL })
      return hasCome(monitor)
    },
    'the verdict',
  )
  for (const { cohort, state, features } of monitor.versions[0]?.cohorts ?? []) {
    const worst = features.map(({ feature, stability = 0 }) => `${feature} ${stability.toFixed(2)}`).join(', ')
    console.log(`  ${cohort.padEnd(10)} ${state.padEnd(6)} stability index: ${worst}`)
  }
}
