/** The agent with a cluster that only remembers, and pods that are processes of this machine. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from '../../apps/agent/test/stage/agent-process.ts'
import { type FakeHub, startFakeHub } from '../../apps/agent/test/stage/fake-hub.ts'
import { infer, timesFiles, timesGolden } from '../../apps/agent/test/stage/models.ts'
import { hasKubectl } from '../stage/chart-tools.ts'
import { type KubeApi, startKubeApi } from '../stage/kube-api.ts'
import { startKubeNodes } from '../stage/kube-nodes.ts'

const MAIN = join(import.meta.dirname, '../../apps/agent/src/main.ts')
const KINDS = ['Deployment', 'Service', 'Secret', 'PodDisruptionBudget']

/** The same agent at each call. */
async function clusterAgent(hub: FakeHub, kube: KubeApi) {
  const data = await temporaryFolder()
  const port = await freePort()
  const files = ['--files-listen', `127.0.0.1:${port}`, '--files-url', `https://127.0.0.1:${port}`]
  const kubeconfig = join(await temporaryFolder(), 'kubeconfig')
  await writeFile(kubeconfig, kube.kubeconfig)
  return () => startAgent(data, '--join', hub.token, '--kubernetes', '--kubeconfig', kubeconfig, ...files)
}

const areGone = (kube: KubeApi) =>
  until(() => KINDS.every((kind) => kube.objects(kind).length === 0), { what: 'no object is left' })

test('a version becomes pods that fetch it, prove it and serve it; a wrong one fails by its golden cases', async () => {
  await using kube = await startKubeApi({ isSecure: true })
  await using nodes = await startKubeNodes(kube)
  await using hub = await startFakeHub()
  await using agent = (await clusterAgent(hub, kube))()
  await agent.logged('cluster_connected')
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  expect(await infer(String(nodes.reach('skerry-m')))).toMatchObject({ status: 200, value: 2 })

  hub.desire(hub.publish({ version: 2, files: { ...timesFiles(3), 'golden.json': timesGolden(4) } }))
  const failed = await hub.item('m', ({ state }) => state === 'failed')
  expect(failed).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
  await until(() => kube.objects('Deployment').length === 1, { what: 'only the Deployment of version 1' })
  expect(await infer(String(nodes.reach('skerry-m')))).toMatchObject({ status: 200, value: 2 })

  hub.desire()
  await areGone(kube)
})

test('a killed agent finds its objects again and changes none; a wipe removes them', async () => {
  await using kube = await startKubeApi({ isSecure: true })
  await using nodes = await startKubeNodes(kube)
  await using hub = await startFakeHub()
  const start = await clusterAgent(hub, kube)
  await using first = start()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  const other = await layOutForOtherServer(kube)
  expect(other.exitCode).toBe(0)
  expect(await readFile(join(other.folder, 'golden.json'), 'utf8')).toBe(timesGolden(2))
  expect((await readFile(join(other.folder, 'model.onnx'))).length).toBeGreaterThan(0)

  await first.kill()
  const writes = kube.writes.length
  await using second = start()
  await second.logged('cluster_connected')
  await second.logged('link_up')
  await hub.item('m', ({ state, serving }) => state === 'active' && serving?.version === 1)
  expect(kube.writes.slice(writes)).toEqual([])
  expect(await infer(String(nodes.reach('skerry-m')))).toMatchObject({ status: 200, value: 2 })

  const ended = once(second.child, 'exit')
  hub.answers.wipe = true
  hub.disconnect()
  expect(await ended).toEqual([0, null])
  await areGone(kube)
})

test('an object of somebody else is not taken over: the version waits, and serves when the name is free', async () => {
  await using kube = await startKubeApi({ isSecure: true })
  await using nodes = await startKubeNodes(kube)
  nodes.behaviour = () => 'ready'
  await using hub = await startFakeHub()
  const foreign = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'skerry-m', namespace: 'plant' }, spec: {} }
  kube.put(foreign)
  await using _agent = (await clusterAgent(hub, kube))()
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  const waiting = await hub.item('m', ({ cause }) => cause?.code === 'cluster_refused')
  expect(waiting.cause?.message).toContain('a Service skerry-m that this agent did not make')
  expect(kube.objects('Service')).toEqual([foreign])
  kube.drop(foreign)
  await hub.item('m', ({ state }) => state === 'active')
  expect(kube.objects('Service')[0]?.metadata.labels).toMatchObject({ 'skerry/model': 'm' })
})

/** Runs the init container of another server, with the Secret of the version. */
async function layOutForOtherServer(kube: KubeApi): Promise<{ exitCode: number | null; folder: string }> {
  const place = await temporaryFolder()
  const [secret] = kube.objects('Secret')
  await mkdir(join(place, 'secret'))
  for (const [name, value] of Object.entries((secret?.data ?? {}) as Record<string, string>)) {
    await writeFile(join(place, 'secret', name), Buffer.from(value, 'base64'))
  }
  const folder = join(place, 'models/m/1')
  const args = [MAIN, '--data', join(place, 'data'), '--pod', join(place, 'secret'), '--pod-files', folder]
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  return { exitCode, folder }
}

test.skipIf(!hasKubectl)('the real kubectl applies the printed objects of the agent', async () => {
  await using kube = await startKubeApi({ isSecure: true })
  const folder = await temporaryFolder()
  const run = promisify(execFile)
  const printed = await run(process.execPath, [MAIN, '--print-manifest', '--namespace', 'plant', '--replicas', '2-6'])
  const [manifest, kubeconfig] = [join(folder, 'agent.yaml'), join(folder, 'kubeconfig')]
  await writeFile(manifest, printed.stdout)
  await writeFile(kubeconfig, kube.kubeconfig)
  const args = ['--kubeconfig', kubeconfig, 'apply', '--server-side', '--validate=false', '--filename', manifest]
  const { stdout } = await run('kubectl', args, { env: { PATH: process.env.PATH, HOME: folder } })
  expect(stdout.trim().split('\n').length).toBe(6)
  expect(kube.objects('StatefulSet')[0]?.metadata).toMatchObject({ name: 'skerry-agent', namespace: 'plant' })
  expect(kube.objects('Role')[0]?.rules).toContainEqual({
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['get', 'list'],
  })
})
