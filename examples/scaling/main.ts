/**
 * `npm run example:scaling`: three models share the memory for two. They leave the memory when nobody needs them, a request
 * loads them, and a busy one gets more workers. Each step says why.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { type Ended, startLoad } from '../stage/load.ts'
import { pushModel } from '../stage/push.ts'
import { until } from '../stage/wait.ts'

const MODELS = ['cutter', 'drill', 'press'] as const
/** A loop of a stated number of steps: its cost is known. */
const SPIN = new URL('../../packages/inference/test-data/spin.onnx', import.meta.url)
/** Two workers of 24 MiB. */
const MEMORY = '55MB'

/** Windows of seconds instead of a minute, so that the example is short. */
const scaling = {
  min: 0,
  max: 2,
  target: { metric: 'concurrency' as const, value: 1 },
  windowSeconds: 2,
  panic: { seconds: 1, ratio: 1.5 },
  cooldownSeconds: 1,
}

const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-scaling-'))
stack.defer(() => rm(folder, { recursive: true }))

console.log('Starting a hub and an agent with memory for two models ...')
const hub = stack.use(await startHub(await newHubHome(folder)))
const agent = stack.use(
  await startAgent(hub, {
    site: { name: 'plant', kind: 'edge' },
    device: 'plant-1',
    folder,
    options: ['--model-memory', MEMORY],
  }),
)
const bytes = new Uint8Array(await readFile(SPIN))
const steps = {
  datatype: 'INT64' as const,
  shape: [1],
  data: Buffer.from(BigInt64Array.of(5n).buffer).toString('base64'),
}
for (const name of MODELS) {
  await pushModel(hub, { name, bytes, golden: { cases: [{ inputs: { steps } }] } })
  await hub.client.deployment.apply({ name, deployable: name, probation: { seconds: 0 }, serving: { scaling } })
}

await shown('nobody needs them', async () => ((await counts()).every((count) => count === 0) ? 'ok' : undefined))

console.log('\nOne request for each of the three:')
for (const model of MODELS) {
  const ended = await requests(model, 1, 200)
  console.log(`${model}: ${endedText(ended)}`)
}

console.log('\nFour callers of the press:')
const end = startLoad({ url: agent.restUrl, model: 'press', callers: 4, body: bodyOf(4_000) })
await shown('the press has two workers', async () => ((await counts())[2] === 2 ? 'ok' : undefined))
console.log(endedText(await end()))
await shown('nobody needs them again', async () => ((await counts()).every((count) => count === 0) ? 'ok' : undefined))

console.log('\nWhy the press had its workers:')
const { workers } = await hub.client.scaling.explain({ deployment: 'press' })
for (const { from, to, reason } of workers?.devices[0]?.steps ?? []) console.log(`  ${from} -> ${to}  ${reason}`)

function bodyOf(count: number) {
  return { inputs: [{ name: 'steps', shape: [1], datatype: 'INT64', data: [count] }] }
}

/** The workers of each model, by the newest report of the device. */
async function counts(): Promise<(number | undefined)[]> {
  const { items } = await hub.client.device.get({ device: 'plant-1' })
  return MODELS.map((name) => items.find((item) => item.name === name)?.scale?.count)
}

async function shown(what: string, look: () => Promise<'ok' | undefined>): Promise<void> {
  await until(what, look, stopping.signal)
  const present = await counts()
  console.log(`Workers now: ${MODELS.map((name, at) => `${name} ${present[at] ?? 'unknown'}`).join(', ')} (${what})`)
}

async function requests(model: string, callers: number, ms: number): Promise<Ended> {
  const stop = startLoad({ url: agent.restUrl, model, callers, body: bodyOf(10) })
  await new Promise((resolve) => setTimeout(resolve, ms))
  return stop()
}

function endedText({ answered, refused, cut, silent }: Ended): string {
  return `${answered > 0 ? 'answered' : 'not answered'}, ${refused + cut + silent.length} without an answer`
}
