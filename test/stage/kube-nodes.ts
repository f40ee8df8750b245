/**
 * Kube nodes: the part of a cluster that the API stub has not. It makes the pods of Deployments, runs the program of
 * Skerry's own image as a process of this machine, probes it as its container says, and writes the status back. It is
 * no kubelet: it proves that the objects are enough to run the program, and nothing about a real cluster.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { freePort } from '@skerry/testkit/free-port'
import type { KubeApi, KubeObject } from './kube-api.ts'

const MAIN = join(import.meta.dirname, '../../apps/agent/src/main.ts')

/** How the pods of a Deployment behave. `run`: the program of the container. */
type PodBehaviour = 'run' | 'never-ready' | 'ready'

export type KubeNodes = AsyncDisposable & {
  /** The base address of a ready pod that the Service selects; undefined if there is none. */
  reach(service: string): string | undefined
  /** The current behaviour of new pods. */
  behaviour: (deployment: KubeObject) => PodBehaviour
  /** Ends a program as a crash would. */
  crash(pod: string): void
}

type Container = { args: string[]; readinessProbe: { httpGet: { path: string } } }
type Spec = {
  replicas?: number
  template: { metadata: { labels: Record<string, string> }; spec: { containers: Container[]; volumes: Volume[] } }
}
type Volume = { name: string; secret?: { secretName: string } }
type Running = {
  pod: KubeObject
  port: number
  folder: string
  child?: ChildProcess
  restarts: number
  words: string
  ended?: { exitCode: number; message: string }
  isReady: boolean
  behaviour: PodBehaviour
}

const specOf = (deployment: KubeObject) => deployment.spec as Spec
const EVERY_MS = 100

/** Works until it is disposed. */
export async function startKubeNodes(kube: KubeApi): Promise<KubeNodes> {
  const root = await mkdtemp(join(tmpdir(), 'skerry-nodes-'))
  const running = new Map<string, Running>()
  const end = new AbortController()
  const nodes: KubeNodes = {
    behaviour: () => 'run',
    crash: (pod) => void running.get(pod)?.child?.kill('SIGKILL'),
    reach(service) {
      const found = kube.objects('Service').find(({ metadata }) => metadata.name === service)
      const { selector = {} } = (found?.spec ?? {}) as { selector?: Record<string, string> }
      const pod = [...running.values()].find(
        (one) =>
          one.isReady && Object.entries(selector).every(([name, value]) => one.pod.metadata.labels?.[name] === value),
      )
      return found && pod && `http://127.0.0.1:${pod.port}`
    },
    async [Symbol.asyncDispose]() {
      end.abort()
      await loop
      for (const { child } of running.values()) child?.kill('SIGKILL')
      await rm(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  const loop = work({ kube, nodes, running, root }, end.signal)
  return nodes
}

type Nodes = { kube: KubeApi; nodes: KubeNodes; running: Map<string, Running>; root: string }

async function work(it: Nodes, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const wanted = it.kube.objects('Deployment').flatMap((deployment) => podsOf(deployment))
    for (const [name, one] of it.running) {
      if (wanted.some((pod) => pod.name === name)) continue
      one.child?.kill('SIGTERM')
      it.kube.drop(one.pod)
      it.running.delete(name)
    }
    for (const { name, deployment } of wanted) if (!it.running.has(name)) await startPod(it, name, deployment)
    for (const one of it.running.values()) await probe(it, one)
    for (const deployment of it.kube.objects('Deployment')) noteStatus(it, deployment)
    await setTimeout(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

const podsOf = (deployment: KubeObject) =>
  Array.from({ length: specOf(deployment).replicas ?? 1 }, (_, index) => ({
    name: `${deployment.metadata.name}-${index}`,
    deployment,
  }))

async function startPod(it: Nodes, name: string, deployment: KubeObject): Promise<void> {
  const { template } = specOf(deployment)
  const { namespace } = deployment.metadata
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: template.metadata.labels } }
  const behaviour = it.nodes.behaviour(deployment)
  const one: Running = {
    pod,
    port: await freePort(),
    folder: join(it.root, name),
    restarts: 0,
    words: '',
    isReady: false,
    behaviour,
  }
  it.running.set(name, one)
  if (behaviour === 'run') await runProgram(it, one, deployment)
}

/** The paths and ports of the container are those of this machine. */
async function runProgram(it: Nodes, one: Running, deployment: KubeObject): Promise<void> {
  const { containers, volumes } = specOf(deployment).template.spec
  const secretName = volumes.find(({ secret }) => secret)?.secret?.secretName
  const secret = it.kube.objects('Secret').find(({ metadata }) => metadata.name === secretName)
  await mkdir(join(one.folder, 'secret'), { recursive: true })
  for (const [file, value] of Object.entries((secret?.data ?? {}) as Record<string, string>)) {
    await writeFile(join(one.folder, 'secret', file), Buffer.from(value, 'base64'))
  }
  const places: Record<string, string> = {
    '--pod': join(one.folder, 'secret'),
    '--data': join(one.folder, 'data'),
    '--listen': `127.0.0.1:${one.port}`,
    '--grpc': '127.0.0.1:0',
  }
  const args = (containers[0]?.args ?? []).map((arg, index, all) => places[all[index - 1] ?? ''] ?? arg)
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  one.child = child
  one.words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    one.words = `${one.words}${chunk}`.slice(-2_000)
  })
  child.on('close', (code) => {
    const lines = one.words.trim().split('\n')
    one.ended = { exitCode: code ?? 137, message: lines.filter((line) => !line.startsWith('{')).at(-1) ?? '' }
    delete one.child
    one.isReady = false
  })
}

/** [kubernetes.io, restartPolicy] An ended container starts again; the real waits between are longer. */
async function probe(it: Nodes, one: Running): Promise<void> {
  const deployment = it.kube
    .objects('Deployment')
    .find(({ metadata }) => one.pod.metadata.name.startsWith(`${metadata.name}-`))
  if (!deployment) return
  if (one.behaviour === 'run' && !one.child) {
    one.restarts++
    await runProgram(it, one, deployment)
  }
  const path = specOf(deployment).template.spec.containers[0]?.readinessProbe.httpGet.path ?? '/'
  one.isReady =
    one.behaviour === 'ready' || (one.behaviour === 'run' && (await isReady(`http://127.0.0.1:${one.port}${path}`)))
  const lastState = one.ended ? { terminated: one.ended } : {}
  it.kube.put({
    ...one.pod,
    status: {
      conditions: [{ type: 'Ready', status: one.isReady ? 'True' : 'False' }],
      containerStatuses: [
        {
          name: 'model',
          restartCount: one.restarts,
          state: one.isReady
            ? { running: {} }
            : { waiting: { reason: one.restarts > 0 ? 'CrashLoopBackOff' : 'ContainerCreating' } },
          lastState,
        },
      ],
    },
  })
}

const isReady = (url: string) =>
  fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.arrayBuffer()
      return response.status === 200
    },
    () => false,
  )

function noteStatus({ kube, running }: Nodes, deployment: KubeObject): void {
  const pods = podsOf(deployment).flatMap(({ name }) => running.get(name) ?? [])
  const status = {
    observedGeneration: deployment.metadata.generation,
    replicas: pods.length,
    updatedReplicas: pods.length,
    readyReplicas: pods.filter((pod) => pod.isReady).length,
  }
  kube.put({ ...deployment, status })
}
