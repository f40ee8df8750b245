/**
 * A cluster as a device: a real hub, a real agent and the real kubectl, with an API that only remembers and pods that
 * are processes of this machine. A rollout makes the objects; a version that never becomes ready returns by itself;
 * drift is reported and corrected; a bad API is survived.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { infer, timesModel } from '../../apps/agent/test/stage/models.ts'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'
import { hasKubectl } from '../stage/chart-tools.ts'
import { type KubeApi, type KubeFault, type KubeObject, startKubeApi } from '../stage/kube-api.ts'
import { type KubeNodes, startKubeNodes } from '../stage/kube-nodes.ts'

const DEVICE = 'cluster-1'
/** Long enough for a slow machine to start the program of a pod. */
const PATIENCE = { patienceMs: 300_000, everyMs: 200 }

let folder: string
let kubeconfig: string
let kube: KubeApi
let nodes: KubeNodes
let hub: HubProgram
let agent: AgentProgram

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-kubernetes-'))
  kube = await startKubeApi({ isSecure: true })
  nodes = await startKubeNodes(kube)
  kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, kube.kubeconfig)
  const settings = join(folder, 'settings.json')
  await writeFile(settings, JSON.stringify({ models: { slow: { deadlineSeconds: 10 } } }))
  const port = await freePort()
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, {
    site: { name: 'hamburg', kind: 'cloud', country: 'DE' },
    device: DEVICE,
    folder,
    options: [
      ...['--kubernetes', '--kubeconfig', kubeconfig, '--kubernetes-settings', settings],
      ...['--files-listen', `127.0.0.1:${port}`, '--files-url', `https://127.0.0.1:${port}`],
    ],
  })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await nodes?.[Symbol.asyncDispose]()
  await kube?.[Symbol.asyncDispose]()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const itemOf = async (name: string) =>
  (await hub.client.device.get({ device: DEVICE })).items.find((one) => one.name === name)

const push = (name: string, factor: number) =>
  pushModel(hub, {
    name,
    bytes: new Uint8Array(timesModel(factor)),
    golden: { cases: [{ inputs: { x: floatTensor([2], [1, 2]) } }] },
  })

const deploy = (name: string, version: number) =>
  hub.client.deployment.apply({ name, deployable: name, version: String(version), probation: { seconds: 1 } })

const isServing = (name: string, version: number) =>
  until(
    async () => {
      const item = await itemOf(name)
      return item?.state === 'active' && item.serving?.version === version
    },
    { ...PATIENCE, what: `${name} serves version ${version}`, seen: () => kube.objects('Pod') },
  )

const deploymentsOf = (model: string) =>
  kube.objects('Deployment').filter(({ metadata }) => metadata.labels?.['skerry/model'] === model)
const answerOf = async (model: string) => (await infer(String(nodes.reach(`skerry-${model}`)), model)).value
const kubectl = async (...args: string[]) =>
  (
    await promisify(execFile)('kubectl', ['--kubeconfig', kubeconfig, ...args], {
      env: { PATH: process.env.PATH, HOME: folder },
    })
  ).stdout

test('a rollout makes the objects, and their pods fetch, prove and serve the version', async () => {
  await push('m', 2)
  await deploy('m', 1)
  await isServing('m', 1)
  expect(await answerOf('m')).toBe(2)
  const device = await hub.client.device.get({ device: DEVICE })
  expect(device.inventory?.capabilities).toEqual(expect.arrayContaining(['onnx', 'kubernetes']))
  expect(device.inventory?.capabilities).not.toContain('flow')
  const kinds = ['Secret', 'Deployment', 'PodDisruptionBudget', 'Service']
  const owners = kinds.flatMap((kind) => kube.objects(kind)).map(({ metadata }) => metadata.labels?.['skerry/device'])
  expect(owners.length).toBe(4)
  expect(new Set(owners).size).toBe(1)
  expect(kube.writes.map(({ query }) => query.get('fieldManager'))).toContain('skerry-agent')

  await push('m', 3)
  await deploy('m', 2)
  await isServing('m', 2)
  expect(await answerOf('m')).toBe(3)
  await until(() => deploymentsOf('m').length === 1, { ...PATIENCE, what: 'version 1 is removed' })
})

test.skipIf(!hasKubectl)('drift by the real kubectl is reported and corrected', async () => {
  const [deployment] = deploymentsOf('m') as [KubeObject]
  const { name } = deployment.metadata
  await kubectl('patch', 'deployment', name, '--type', 'merge', '--patch', '{"spec":{"replicas":0}}')
  const isCorrected = () => deploymentsOf('m').every(({ spec }) => (spec as { replicas: number }).replicas === 1)
  await until(isCorrected, { ...PATIENCE, what: 'the number of pods is corrected' })
  await kubectl('delete', 'poddisruptionbudget', name, '--wait=false')
  await until(() => kube.objects('PodDisruptionBudget').length === 1, {
    ...PATIENCE,
    what: 'the budget is there again',
  })
  const figures = await until(
    async () => {
      const item = await itemOf('m')
      return Number(item?.figures?.corrections ?? 0) >= 2 && item?.figures
    },
    { ...PATIENCE, what: 'the device reports both corrections' },
  )
  expect(figures.drift).toContain('PodDisruptionBudget')
})

test('a version that never becomes ready returns by itself, and the version before serves on', async () => {
  await push('slow', 5)
  await deploy('slow', 1)
  await isServing('slow', 1)
  nodes.behaviour = ({ metadata }) => (metadata.labels?.['skerry/version'] === '2' ? 'never-ready' : 'run')
  await push('slow', 6)
  await deploy('slow', 2)
  await until(async () => (await itemOf('slow'))?.state === 'failed', { ...PATIENCE, what: 'version 2 fails' })
  expect(await itemOf('slow')).toMatchObject({ cause: { code: 'cluster_not_ready' }, serving: { version: 1 } })
  await until(() => deploymentsOf('slow').length === 1, { ...PATIENCE, what: 'version 2 is removed' })
  expect(await answerOf('slow')).toBe(5)
})

test(
  'an API that rejects, delays and cuts is survived',
  deep('each of many requests fails first; the quick tests make, repair and remove the same objects'),
  async () => {
    let count = 0
    const faults: (KubeFault | undefined)[] = [
      { kind: 'status', code: 409 },
      { kind: 'status', code: 429, retryAfterSeconds: 1 },
      undefined,
      { kind: 'cut' },
      { kind: 'status', code: 500 },
      { kind: 'wait', ms: 300 },
      undefined,
    ]
    nodes.behaviour = () => 'run'
    kube.fault = () => faults[count++ % faults.length]
    await push('hindered', 4)
    await deploy('hindered', 1)
    await isServing('hindered', 1)
    kube.fault = undefined
    expect(count).toBeGreaterThan(faults.length)
    expect(await answerOf('hindered')).toBe(4)
  },
)

test('nothing is left of a model that no deployment wants', async () => {
  await hub.client.deployment.remove({ deployment: 'slow' })
  const isGone = () =>
    ['Deployment', 'Secret', 'Service'].every((kind) =>
      kube.objects(kind).every(({ metadata }) => metadata.labels?.['skerry/model'] !== 'slow'),
    )
  await until(isGone, { ...PATIENCE, what: 'the objects of slow are removed' })
  expect(deploymentsOf('m').length).toBe(1)
})
