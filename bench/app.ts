/**
 * app: how long nobody answers while a release of an app replaces another one, against bare `docker stop` and `docker
 * run` of the same images on the same engine, in turns; the time that the agent adds to a request for a model of an app;
 * and the memory that ten containers cost the agent.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../examples/stage/fleet.ts'
import { pushFiles } from '../examples/stage/push-files.ts'
import { measurePull } from './app-parts/registry-pull.ts'
import { measureRouting } from './app-parts/routing-overhead.ts'
import { median } from './serve-parts/serve-latency.ts'
import { rssMb } from './usage/process-use.ts'

/** An odd number, so that the median is a measured value. */
const UPDATES = 9

const CONTAINERS = 10

/** Garbage of the start is gone by then, and all figures have been read more than once. */
const SETTLE_MS = 40_000

const POLL_MS = 1

const SITE = { name: 'bench', kind: 'edge' } as const

type Bench = { hub: HubProgram; agent: AgentProgram; engine: DockerEngine; folder: string }

/** Runs the benchmark; takes some minutes. */
export async function run(): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-app-'))
  try {
    await using engine = await startDockerEngine()
    await using hub = await startHub(await newHubHome(folder))
    const options = ['--docker', engine.socket]
    await using agent = await startAgent(hub, { site: SITE, device: 'bench', folder, options })
    const bench = { hub, agent, engine, folder }
    const gaps = await measureGaps(bench)
    const routing = await measureRouting({
      hub,
      agent,
      untilActive: (name, version) => untilActive(hub, name, version),
    })
    return { benchmark: 'app', ...gaps, ...routing, ...(await measureMemory(bench)), ...(await measurePull(folder)) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const webImage = (text: string) => busyboxImage('exec httpd -f -p 80 -h /www', { 'www/index.html': text })

async function measureGaps({ hub, engine }: Bench) {
  const [ownPort, barePort] = [await freePort(), await freePort()]
  await engine.docker('network', 'create', 'bare')
  const own: number[] = []
  const bare: number[] = []
  for (let turn = 0; turn <= UPDATES; turn++) {
    const image = await webImage(`turn ${turn}`)
    const ports = [{ host: ownPort, container: 80, protocol: 'tcp' as const, address: '127.0.0.1' }]
    const version = await pushFiles(hub, 'web', appFiles({ web: { image, ports, stopSignal: 'SIGKILL' } }))
    const ownGap = gapUntil(ownPort, `turn ${turn}`)
    await hub.client.deployment.apply({
      name: 'web',
      deployable: 'web',
      version: String(version),
      probation: { seconds: 0 },
    })
    const ownMs = await ownGap
    await untilActive(hub, 'web', version)
    const name = await imageOf(engine, turn + 1)
    const bareGap = gapUntil(barePort, `turn ${turn}`)
    if (turn > 0) await engine.docker('stop', '--time', '0', `bare-${turn - 1}`)
    const place = ['--name', `bare-${turn}`, '--network', 'bare', '--publish', `127.0.0.1:${barePort}:80`]
    const limits = ['--memory', '32m', '--memory-swap', '32m', '--cpus', '1', '--pids-limit', '32']
    await engine.docker('run', '--detach', '--pull', 'never', '--cap-drop', 'ALL', ...place, ...limits, name)
    const bareMs = await bareGap
    // The first of each replaces nothing.
    if (turn > 0) {
      own.push(ownMs)
      bare.push(bareMs)
    }
  }
  const [gapMs, bareGapMs] = [median(own), median(bare)]
  return {
    gapMs: Math.round(gapMs),
    gapSpreadMs: [Math.round(Math.min(...own)), Math.round(Math.max(...own))],
    bareGapMs: Math.round(bareGapMs),
    bareGapSpreadMs: [Math.round(Math.min(...bare)), Math.round(Math.max(...bare))],
    gapRatio: Math.round((gapMs / bareGapMs) * 100) / 100,
  }
}

/** The image that the agent loaded for this version. */
async function imageOf(engine: DockerEngine, version: number): Promise<string> {
  const names = (await engine.docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
  const found = names.find((name) => name.includes(`/web:v${version}-`))
  if (found === undefined) throw new Error(`the engine has no image of version ${version}`)
  return found
}

/** Milliseconds from the last answer with another text to the first one with this text. */
async function gapUntil(port: number, text: string): Promise<number> {
  let lastMs = performance.now()
  for (;;) {
    const answer = await ask(port)
    if (answer === text) return performance.now() - lastMs
    if (answer !== undefined) lastMs = performance.now()
    await sleep(POLL_MS)
  }
}

/** Each request has a connection of its own; undefined if nobody answers. */
const ask = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, agent: false, timeout: 200 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      response.on('end', () => resolve(text))
      response.on('error', () => resolve(undefined))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })

async function untilActive(hub: HubProgram, name: string, version: number): Promise<void> {
  for (;;) {
    const { items } = await hub.client.device.get({ device: 'bench' })
    const item = items.find((one) => one.name === name)
    if (item?.state === 'active' && item.serving?.version === version) return
    if (item?.state === 'failed') throw new Error(`${name} failed: ${item.cause?.message}`)
    await sleep(100)
  }
}

/** Two agents that were started alike: one without an engine, and one whose engine runs ten containers. */
async function measureMemory({ hub, agent, folder }: Bench) {
  const image = await busyboxImage('exec sleep 1000000')
  const names = Array.from({ length: CONTAINERS }, (_, index) => `part-${index}`)
  const services = Object.fromEntries(names.map((name) => [name, { image, stopSignal: 'SIGKILL' }]))
  const version = await pushFiles(hub, 'ten', appFiles(services))
  await hub.client.deployment.remove({ deployment: 'web' })
  await hub.client.deployment.apply({ name: 'ten', deployable: 'ten', probation: { seconds: 0 } })
  await untilActive(hub, 'ten', version)
  const joined = await startAgent(hub, { site: SITE, device: 'plain', folder, options: ['--docker', '/nowhere'] })
  await Promise.all([agent.stop(), joined.stop()])
  // The first start of an agent compiles its code, and a clean stop keeps that for the next one.
  const warm = [await joined.again(), await agent.again()]
  await Promise.all(warm.map((one) => one.stop()))
  await using plain = await joined.again()
  await using ten = await agent.again()
  await sleep(SETTLE_MS)
  const [plainMb, tenMb] = await Promise.all([controlMb(plain), controlMb(ten)])
  const moreMb = Math.round((tenMb - plainMb) * 100) / 100
  return { controlRssMb: plainMb, controlRssTenMb: tenMb, tenContainersMb: moreMb }
}

const controlMb = async (agent: AgentProgram): Promise<number> =>
  rssMb(Number((await agent.waitFor('agent_ready')).pid))
