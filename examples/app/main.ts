/**
 * `npm run example:app`: containers on two devices. Both show a dashboard, and one has a server of models, for which its
 * agent answers. A broken release of each returns by itself, and the next one is rolled out.
 *
 * Each device has a container engine of its own. Both are on this machine, where a port can be taken once. So the page is
 * read in its container, and only one device has the server.
 */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busyboxImage, hasBusybox, type TestImage, writeImageArchive } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { timesServerImage } from '@skerry/testkit/containers/times-server'
import { freePort } from '@skerry/testkit/free-port'
import { commandLine } from '../stage/command-line.ts'
import { type AgentProgram, newHubHome, startAgent, startHub } from '../stage/fleet.ts'
import { until } from '../stage/wait.ts'
import { serverCompose } from './server-compose.ts'

const DEVICES = ['press-1', 'press-2'] as const
type DeviceName = (typeof DEVICES)[number]
/** The one with the server of models. */
const SERVER = 'press-2'

if (!hasDocker || !hasBusybox) {
  process.stderr.write('skerry: the example starts container engines: it needs root, Docker and busybox-static\n')
  process.exit(1)
}
const stopping = new AbortController()
process.once('SIGINT', () => stopping.abort())
process.once('SIGTERM', () => stopping.abort())

await using stack = new AsyncDisposableStack()
const folder = await mkdtemp(join(tmpdir(), 'skerry-app-'))
stack.defer(() => rm(folder, { recursive: true }))

console.log('Starting a hub and two devices, each with a container engine ...')
const hub = stack.use(await startHub(await newHubHome(folder)))
const devices = new Map<DeviceName, { engine: DockerEngine; agent: AgentProgram }>()
for (const device of DEVICES) {
  const engine = stack.use(await startDockerEngine())
  const site = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
  const options = ['--docker', engine.socket]
  devices.set(device, { engine, agent: stack.use(await startAgent(hub, { site, device, folder, options })) })
  await until(`the engine of ${device}`, () => hasContainers(device), stopping.signal)
}
const skerry = commandLine(hub, folder)

console.log('\nA dashboard on both devices:')
await placed('dashboard', ['compose.yaml', 'config.schema.json'])
const page = 'echo "$GREETING, plant" >/tmp/index.html; echo "shows $GREETING"; exec httpd -f -p 80 -h /tmp'
await released('dashboard', await busyboxImage(page))
await hub.client.deployment.apply({
  name: 'dashboard',
  deployable: 'dashboard',
  version: '1',
  config: { GREETING: 'moin' },
  probation: { seconds: 1 },
})
await active('dashboard', 1, DEVICES)
await shown()
console.log(`  press-1 wrote: ${(await skerry('app', 'logs', 'press-1', 'dashboard')).trim()}`)

console.log(`\nA server of models on ${SERVER}, and the model that it answers for:`)
await placed('server', ['served.json', 'golden.json'])
await writeFile(join(folder, 'server/compose.yaml'), serverCompose(await freePort()))
await released('maths', await timesServerImage(5), 'server')
const only = { selector: `device.name == "${SERVER}"`, probation: { seconds: 1 } }
await hub.client.deployment.apply({ name: 'maths', deployable: 'maths', version: '1', ...only })
await active('maths', 1, [SERVER])
await skerry('model', 'push', 'server/served.json', '--name', 'times', '--golden', 'server/golden.json')
await hub.client.deployment.apply({ name: 'times', deployable: 'times', version: '1', ...only })
await active('times', 1, [SERVER])
await asked()

console.log('\nA release of the dashboard that starts and never answers:')
const silent = await busyboxImage('echo "no database"; exec sleep 1000000')
await released('dashboard', silent)
await skerry('deploy', 'dashboard:2', '--yes')
await returned('dashboard', 2, 1)
await shown()

console.log('\nA release of the server that starts and never answers:')
await released('maths', silent, 'server')
await skerry('deploy', 'maths:2', '--yes')
await returned('maths', 2, 1)
await asked()

console.log('\nThe mended dashboard:')
await released('dashboard', await busyboxImage(page.replace('plant', 'harbour')))
await skerry('deploy', 'dashboard:3', '--yes')
await active('dashboard', 3, DEVICES)
await shown()

/** Files of the example where a person would keep them. */
async function placed(name: string, files: readonly string[]): Promise<void> {
  await mkdir(join(folder, name))
  for (const file of files) await copyFile(join(import.meta.dirname, name, file), join(folder, name, file))
}

/** Pushes the image as the next release of the app, with the Compose file of the folder. */
async function released(app: string, image: TestImage, from = app): Promise<void> {
  const path = join(folder, `${app}.tar`)
  await writeImageArchive(image, { path, name: `example/${app}:1` })
  await skerry('app', 'push', app, '--compose', join(from, 'compose.yaml'), '--image', path)
}

async function itemOf(device: DeviceName, name: string) {
  return (await hub.client.device.get({ device })).items.find((item) => item.name === name)
}

async function hasContainers(device: DeviceName): Promise<true | undefined> {
  const { inventory } = await hub.client.device.get({ device })
  return inventory?.capabilities.includes('container') || undefined
}

/** Waits until the devices have proved the version. */
async function active(name: string, version: number, on: readonly DeviceName[]): Promise<void> {
  for (const device of on) {
    const look = async () => {
      const item = await itemOf(device, name)
      return item?.state === 'active' && item.serving?.version === version ? item : undefined
    }
    await until(`${name} ${version} on ${device}`, look, stopping.signal)
  }
  console.log(`  ${name} ${version} is active on ${on.join(' and ')}`)
}

/** Waits until a device has tried the version, and serves the one before by itself. */
async function returned(name: string, broken: number, before: number): Promise<void> {
  const look = async () => {
    const items = await Promise.all(DEVICES.map((device) => itemOf(device, name)))
    return items.find(
      (item) => item?.state === 'failed' && item.target.version === broken && item.serving?.version === before,
    )
  }
  const item = await until(`the return to ${name} ${before}`, look, stopping.signal)
  console.log(`  ${name} ${broken} failed (${item.cause?.code}), and ${name} ${before} is back`)
}

/** The page of each device, as its container serves it. */
async function shown(): Promise<void> {
  for (const [device, { engine }] of devices) {
    const look = async () => {
      const [id] = (await engine.docker('ps', '--quiet', '--filter', 'name=skerry_dashboard_web')).split('\n')
      if (!id) return undefined
      return engine.docker('exec', id, 'wget', '-q', '-O', '-', 'http://127.0.0.1/').catch(() => undefined)
    }
    console.log(`  ${device} shows: ${(await until(`the page of ${device}`, look, stopping.signal)).trim()}`)
  }
}

/** A request for the model on the endpoint of the agent. */
async function asked(): Promise<void> {
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'INT32', shape: [1], data: [7] }] })
  const look = async () => {
    const url = `${devices.get(SERVER)?.agent.restUrl}/v2/models/times/infer`
    const response = await fetch(url, { method: 'POST', body })
    if (!response.ok) return undefined
    const { outputs } = (await response.json()) as { outputs: { data: number[] }[] }
    return outputs[0]?.data[0]
  }
  console.log(`  the agent of ${SERVER} answers: 7 times 5 is ${await until('an answer', look, stopping.signal)}`)
}
