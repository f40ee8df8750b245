/** Scaling with real processes: workers follow the load of a device, and replicas the load of a deployment. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { startLoad } from '../../examples/stage/load.ts'
import { pushModel } from '../../examples/stage/push.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE', clearance: 'internal' } as const
const SPIN = new URL('../../packages/inference/test-data/spin.onnx', import.meta.url)

/** Windows of seconds, so that a test need not wait for the usual minute. */
const QUICK = { windowSeconds: 2, panic: { seconds: 1, ratio: 1.5 }, cooldownSeconds: 1 } as const

let folder: string
let hub: HubProgram
const agents: AgentProgram[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-scaling-'))
  hub = await startHub(await newHubHome(folder))
  for (const device of ['hamburg-1', 'hamburg-2']) {
    agents.push(await startAgent(hub, { site: SITE, device, folder }))
  }
  const bytes = new Uint8Array(await readFile(SPIN))
  const golden = { cases: [{ inputs: { steps: { datatype: 'INT64' as const, shape: [1], data: base64(5n) } } }] }
  for (const name of ['mill', 'press']) await pushModel(hub, { name, bytes, golden })
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const base64 = (value: bigint) => Buffer.from(BigInt64Array.of(value).buffer).toString('base64')

const body = { inputs: [{ name: 'steps', shape: [1], datatype: 'INT64', data: [4_000] }] }

const explain = (deployment: string) => hub.client.scaling.explain({ deployment })

async function workersOn(deployment: string, device: string) {
  const { workers } = await explain(deployment)
  return workers?.devices.find((one) => one.device === device)
}

const countOf = async (deployment: string, device: string) => (await workersOn(deployment, device))?.now?.count

test('workers go from 0 to 1 to n and back to 0 under load, no request is lost, and each step says why', async () => {
  const [agent] = agents
  if (!agent) throw new Error('no agent')
  await hub.client.deployment.apply({
    name: 'mill',
    deployable: 'mill',
    selector: 'device.name == "hamburg-1"',
    probation: { seconds: 0 },
    serving: { scaling: { min: 0, max: 3, target: { metric: 'concurrency', value: 1 }, ...QUICK } },
  })
  await until(async () => (await countOf('mill', 'hamburg-1')) === 0)
  const end = startLoad({ url: agent.restUrl, model: 'mill', callers: 5, body })
  await until(async () => (await countOf('mill', 'hamburg-1')) === 3)
  const sent = await end()
  expect(sent).toMatchObject({ refused: 0, cut: 0, silent: [] })
  expect(sent.answered).toBeGreaterThan(0)
  await until(async () => (await countOf('mill', 'hamburg-1')) === 0)
  const steps = (await workersOn('mill', 'hamburg-1'))?.steps ?? []
  expect(steps.map(({ code }) => code)).toEqual(expect.arrayContaining(['started', 'idle', 'request_waits']))
  expect(steps.find(({ to }) => to === 3)?.reason).toMatch(/requests at once, for each 1: \d workers/)
  const env = {
    SKERRY_HUB: hub.url,
    SKERRY_KEY: hub.connection.key,
    SKERRY_CA_FILE: hub.authorityPath,
    SKERRY_HOME: folder,
  }
  const words = [join(import.meta.dirname, '../../apps/cli/src/main.ts'), 'scaling', 'explain', 'mill']
  const { stdout: output } = await promisify(execFile)(process.execPath, words, { env: { ...process.env, ...env } })
  expect(output).toContain('0 to 3 workers, 1 request at once for each')
  expect(output).toContain('a request waits, and nothing was loaded')
})

test('the hub adds a replica when the load asks for it, and takes it back, on the record', async () => {
  const [agent] = agents
  if (!agent) throw new Error('no agent')
  const scaling = { min: 1, max: 2, target: { metric: 'concurrency', value: 2 } as const, ...QUICK }
  await hub.client.deployment.apply({
    name: 'press',
    deployable: 'press',
    probation: { seconds: 0 },
    placement: { replicas: 1, scaling },
  })
  const picked = async () => (await hub.client.placement.explain({ deployment: 'press' })).counts.picked
  const serving = async () => {
    const { rows } = await hub.client.rollout.devices({
      rollout: (await hub.client.deployment.get({ deployment: 'press' })).rolloutId,
      limit: 100,
    })
    return rows.filter(({ outcome }) => outcome === 'healthy').map(({ device }) => device)
  }
  await until(async () => (await serving()).length === 1)
  const [first] = await serving()
  const busy = agents.find(({ device }) => device === first) ?? agent
  const end = startLoad({ url: busy.restUrl, model: 'press', callers: 6, body })
  await until(async () => (await serving()).length === 2)
  const sent = await end()
  expect(sent).toMatchObject({ refused: 0, cut: 0, silent: [] })
  await until(async () => (await picked()) === 1)
  const { replicas } = await explain('press')
  expect(replicas?.now.count).toBe(1)
  expect(replicas?.steps.map(({ from, to }) => [from, to])).toEqual([
    [0, 1],
    [1, 2],
    [2, 1],
  ])
  const { rows } = await hub.client.audit.list({ action: 'placement.scale' })
  expect(rows).toHaveLength(3)
  expect(rows.every(({ actor, object }) => actor.kind === 'hub' && object?.id === 'press')).toBe(true)
})

test('a deployment without a policy says so', async () => {
  await hub.client.deployment.apply({ name: 'plain', deployable: 'press', selector: 'false' })
  await expect(explain('plain')).rejects.toMatchObject({ code: 'scaling_missing' })
})
