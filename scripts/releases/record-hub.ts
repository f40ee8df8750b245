/**
 * Record hub: the life of a small hub and one agent, as processes of this build. Their data folders, and the files that
 * they give to people, are the part of a corpus that no schema describes.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import type * as z from 'zod'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { until } from '../../examples/stage/wait.ts'
import { ROOT } from '../step.ts'

const EXAMPLES = join(ROOT, 'examples')
const MODEL = 'sensor-anomaly'
const FLOW = 'pump-vibration'
const DEVICE = 'press-1'
const GOLDEN_CASES = 2
const LINEAGE = { source: { uri: 'https://git.example/anomaly', commit: '4f2c1e' }, tool: 'pytorch 2.6' }

/** The whole takes a minute; ten mean that something hangs. */
const RECORDING_MAX_MS = 600_000

type Stage = { folder: string; hub: HubProgram; agent: AgentProgram; skerry: CommandLine; signal: AbortSignal }

/** Leaves the data folders `hub` and `press-1` in the folder, the owner's key, a token, and the files for people. */
export async function recordHub(folder: string): Promise<void> {
  const signal = AbortSignal.timeout(RECORDING_MAX_MS)
  await using hub = await startHub(await newHubHome(folder))
  await using agent = await startAgent(hub, {
    site: { name: 'oslo', kind: 'edge', country: 'NO', labels: { line: '4' } },
    device: DEVICE,
    folder,
  })
  const stage = { folder, hub, agent, skerry: commandLine(hub, folder), signal }
  await makeAccess(stage)
  await makeEquipment(stage)
  await deployModel(stage)
  await deployFlow(stage)
  await runBatch(stage)
  await giveOut(stage)
  await agent.stop()
  await hub.stop()
  for (const path of ['hub/hub.sqlite', `${DEVICE}/agent.sqlite`]) shrink(join(folder, path))
  for (const name of ['hub.log', `${DEVICE}.log`]) await rm(join(folder, name))
}

async function makeAccess({ folder, hub: { client } }: Stage): Promise<void> {
  await client.key.create({ name: 'ci', role: 'viewer' })
  await client.role.create({ name: 'loader', permissions: ['model.write'] })
  await client.invitation.create({ role: 'viewer' })
  await client.expected.add({ devices: [{ serial: 'SN-1', site: 'oslo' }] })
  const { token } = await client.token.create({ site: 'oslo', labels: { line: '4' } })
  await writeFile(join(folder, 'join-token'), token)
}

async function makeEquipment({ hub: { client }, skerry }: Stage): Promise<void> {
  await client.secret.set({ name: 'plc', value: Buffer.from('plc').toString('base64') })
  await skerry('source', 'add', join(EXAMPLES, 'sources/pump-simulator.yaml'), '--scope', 'site:oslo')
  await client.sink.set({
    name: 'plant',
    spec: { name: 'plant', protocol: 'webhook', connection: { url: 'https://127.0.0.1:9/values' } },
  })
}

async function deployModel({ hub, agent, signal }: Stage): Promise<void> {
  const golden = await goldenInputs()
  for (const file of ['model-v1.onnx', 'model-v2.onnx']) {
    const bytes = new Uint8Array(await readFile(join(EXAMPLES, MODEL, file)))
    await pushModel(hub, { name: MODEL, bytes, golden, labels: { file }, lineage: LINEAGE })
  }
  await hub.client.model.setAlias({ name: MODEL, alias: 'champion', version: '1' })
  const probation = { seconds: 1 }
  const spec = { name: MODEL, deployable: MODEL, version: '@champion', selector: 'site.country == "NO"', probation }
  const { deployment } = await hub.client.deployment.apply(spec)
  await until(
    'the end of the rollout',
    async () => {
      const { status } = await hub.client.rollout.get({ rollout: deployment.rolloutId })
      if (status !== 'rolling' && status !== 'done') throw new Error(`the rollout is ${status}`)
      return status === 'done' || undefined
    },
    signal,
  )
  const { items } = await hub.client.device.get({ device: agent.device })
  if (items[0]?.state !== 'active') throw new Error('the model is not active')
}

async function goldenInputs(): Promise<z.input<typeof GoldenInputs>> {
  const { window } = JSON.parse(await readFile(join(EXAMPLES, MODEL, 'golden.json'), 'utf8')) as {
    window: number[][][]
  }
  return {
    tolerance: { absolute: 1e-4, relative: 1e-4 },
    cases: window
      .slice(0, GOLDEN_CASES)
      .map((values) => ({ inputs: { window: floatTensor([1, 8, 2], values.flat()) } })),
  }
}

async function deployFlow({ hub: { client }, agent, skerry, signal }: Stage): Promise<void> {
  const [flow = '', recording = '', golden = ''] = ['flow.yaml', 'recording.jsonl', 'golden.json'].map((file) =>
    join(EXAMPLES, 'flows', FLOW, file),
  )
  await skerry('flow', 'push', flow, '--recording', recording, '--golden', golden)
  await client.deployment.apply({ name: FLOW, deployable: FLOW, version: '1', probation: { seconds: 1 } })
  await until(
    'the flow to run',
    async () => {
      const { items } = await client.device.get({ device: agent.device })
      return items.filter(({ state }) => state === 'active').length === 2 || undefined
    },
    signal,
  )
}

async function runBatch({ hub: { client }, signal }: Stage): Promise<void> {
  const { id: batch } = await client.batch.create({ command: { kind: 'run-diagnostics' }, selector: 'true' })
  await client.batch.sign({ batch })
  await client.batch.send({ batch })
  await until(
    'the batch',
    async () => ((await client.batch.get({ batch })).counts.succeeded > 0 ? true : undefined),
    signal,
  )
}

/** Files for people: a pulled model with its signature, the trail with checkpoints, and the public keys. */
async function giveOut({ folder, hub: { client }, skerry }: Stage): Promise<void> {
  const given = join(folder, 'given')
  await mkdir(given)
  await skerry('model', 'pull', `${MODEL}:1`, '--output', join(given, 'pulled'))
  await client.audit.sign({})
  await writeFile(join(given, 'audit.jsonl'), await skerry('audit', 'export'))
  await writeFile(join(given, 'audit.pub'), await skerry('audit', 'key'))
  const { keys } = await client.signingKey.list({})
  await writeFile(join(given, 'hub.pub'), keys.map(({ publicKeyPem }) => publicKeyPem).join(''))
}

/** One file, without the pages that were freed. */
function shrink(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}
