/**
 * `npm run example:places`: one model for a hospital. Its data stays in France. The load grows and overflows to the
 * cloud, the hospital fails, and everything comes back. No request ever crosses the border.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PlacementCost } from '@skerry/contract/places/placement'
import { freePort } from '@skerry/testkit/free-port'
import { type AgentProgram, joinAgent, newHubHome, startHub } from '../stage/fleet.ts'
import { startProgram } from '../stage/program.ts'
import { pushModel } from '../stage/push.ts'
import { until } from '../stage/wait.ts'
import { startCallers } from './callers.ts'

const MODEL = 'dose'
/** A loop of a stated number of steps: its cost is known. */
const SPIN = new URL('../../packages/inference/test-data/spin.onnx', import.meta.url)
const SITES = [
  { name: 'lyon', kind: 'edge', country: 'FR', clearance: 'restricted', labels: { cost: '1' } },
  { name: 'paris', kind: 'cloud', country: 'FR', clearance: 'restricted', labels: { cost: '3' } },
  // The cheapest one, and abroad.
  { name: 'virginia', kind: 'cloud', country: 'US', clearance: 'restricted', labels: { cost: '0.5' } },
] as const
/** The data of patients: it stays in France, at sites that may handle it. */
const RULES = { dataClass: 'restricted' as const, residency: ['FR'] }
/** Windows of seconds instead of a minute, so that the example is short. */
const scaling = {
  min: 1,
  max: 2,
  target: { metric: 'concurrency' as const, value: 2 },
  windowSeconds: 2,
  panic: { seconds: 1, ratio: 1.5 },
  cooldownSeconds: 1,
}

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-places-'))
stack.defer(() => rm(folder, { recursive: true }))

console.log('Starting a hub, a hospital in Lyon, and clouds in Paris and Virginia ...')
const hub = stack.use(await startHub(await newHubHome(folder)))
const agents = new Map<string, AgentProgram>()
stack.defer(async () => void (await Promise.all([...agents.values()].map((agent) => agent.stop()))))
await Promise.all(
  SITES.map(async (site) => {
    await hub.client.site.apply(site)
    const { token } = await hub.client.token.create({ site: site.name })
    const address = `127.0.0.1:${await freePort()}`
    const options = ['--listen', address, '--serve-address', `http://${address}`]
    agents.set(site.name, await joinAgent({ token, device: `${site.name}-1`, folder, options }))
  }),
)
const bytes = new Uint8Array(await readFile(SPIN))
const five = {
  datatype: 'INT64' as const,
  shape: [1],
  data: Buffer.from(BigInt64Array.of(5n).buffer).toString('base64'),
}
await pushModel(hub, { name: MODEL, bytes, golden: { cases: [{ inputs: { steps: five } }] } })

console.log('\nOne replica: the hospital first, the cloud when it is full, and never abroad.')
await hub.client.deployment.apply({
  name: MODEL,
  deployable: MODEL,
  probation: { seconds: 0 },
  placement: { replicas: 1, ...RULES, order: ['edge', 'cloud'], failoverSeconds: 10, scaling },
})
await served('lyon-1')
await explained()

console.log('\nWhat if the load doubles?')
const ifTwice = await hub.client.placement.whatIf({ deployment: MODEL, change: { load: 2 } })
for (const { device } of ifTwice.gained) console.log(`  ${device} would get a replica`)
console.log(`  ${costText(ifTwice.costNow)} now, ${costText(ifTwice.costThen)} then`)

const callers = await openRoute()
console.log('\nThe load grows:')
callers.set(6)
await served('lyon-1', 'paris-1')
await until('answers of both', () => callers.seen('lyon-1', 'paris-1'), stopping.signal)
console.log('  lyon-1 and paris-1 answer')

console.log('\nThe hospital loses its power:')
await agents.get('lyon')?.kill()
callers.forget()
await until('answers of Paris', () => callers.seen('paris-1'), stopping.signal)
await until('a replica without a device', async () => ((await missing()) > 0 ? 'ok' : undefined), stopping.signal)
console.log('  paris-1 answers alone')
await explained()

console.log('\nThe power is back:')
const again = await agents.get('lyon')?.again()
if (again) agents.set('lyon', again)
callers.forget()
await until('answers of Lyon', () => callers.seen('lyon-1'), stopping.signal)
console.log('  lyon-1 answers again')

console.log('\nThe load is gone:')
const { answered, refused, broken, places } = await callers.end()
await served('lyon-1')
await explained()
console.log(`\nAnswered: ${[...places.keys()].toSorted().join(', ')}.`)
console.log(`Beside ${answered} answers, the gateway refused ${refused} requests, and ${broken} broke off.`)

/** A route under the same rules, and a gateway at the hospital. */
async function openRoute() {
  await hub.client.role.create({ name: 'gateway', permissions: ['route.serve'] })
  await hub.client.role.create({ name: 'caller', permissions: ['model.run'] })
  const gatewayKey = (await hub.client.key.create({ name: 'gateway', role: 'gateway' })).secret
  const callerKey = (await hub.client.key.create({ name: 'caller', role: 'caller' })).secret
  await hub.client.route.set({ name: MODEL, spec: { model: MODEL, prefer: 'least', ...RULES } })
  const gateway = stack.use(
    startProgram({
      name: 'gateway',
      entry: 'apps/cli/src/main.ts',
      args: ['gateway', '--site', 'lyon', '--listen', '127.0.0.1:0', '--data', join(folder, 'gateway')],
      logFolder: folder,
      env: { SKERRY_HUB: hub.url, SKERRY_KEY: gatewayKey, SKERRY_CA_FILE: hub.authorityPath, SKERRY_HOME: folder },
    }),
  )
  const { url } = await gateway.waitFor('gateway_ready')
  const body = { inputs: [{ name: 'steps', shape: [1], datatype: 'INT64', data: [4_000] }] }
  return startCallers({ url: `${url}/v2/models/${MODEL}/infer`, key: callerKey, body })
}

/** Waits until exactly these devices serve the model by their last reports. */
async function served(...wanted: string[]): Promise<void> {
  const look = async () => {
    const { rolloutId } = await hub.client.deployment.get({ deployment: MODEL })
    const { rows } = await hub.client.rollout.devices({ rollout: rolloutId, limit: 100 })
    const serving = rows.filter(({ outcome }) => outcome === 'healthy').map(({ device }) => device)
    return serving.toSorted().join() === wanted.toSorted().join() ? 'ok' : undefined
  }
  await until(`replicas on ${wanted.join(' and ')}`, look, stopping.signal)
  console.log(`  replicas on ${wanted.join(' and ')}`)
}

/** Replicas that no device can hold: the law excludes Virginia, so nobody replaces Lyon. */
async function missing(): Promise<number> {
  return (await hub.client.placement.explain({ deployment: MODEL })).unmet
}

async function explained(): Promise<void> {
  const { devices, cost } = await hub.client.placement.explain({ deployment: MODEL })
  for (const { device, verdict, reason } of devices) console.log(`  ${device}  ${verdict}: ${reason}`)
  console.log(`  ${costText(cost)}`)
}

function costText(cost: PlacementCost | undefined): string {
  return `${cost?.perHour ?? 'unknown'} EUR an hour`
}
