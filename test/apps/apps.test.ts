/**
 * Apps on a fleet: a real hub, two real agents with a real container engine each, and images that no registry knows. A
 * release is pushed, rolled out and proved by its health; a broken one returns by itself; its lines can be read.
 */
import { mkdtemp, readdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { problemOf } from '@skerry/client/problem'
import { appFiles, type TestService } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox, type TestImage, writeImageArchive } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushFiles } from '../../examples/stage/push-files.ts'
import { commandLine } from '../stage/command-line.ts'

const canRun = hasDocker && hasBusybox
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const DEVICES = ['press-1', 'press-2'] as const

let folder: string
let hub: HubProgram
let engines: DockerEngine[] = []
let agents: AgentProgram[] = []

beforeAll(async () => {
  if (!canRun) return
  folder = await mkdtemp(join(tmpdir(), 'skerry-apps-'))
  engines = await Promise.all(DEVICES.map(() => startDockerEngine()))
  hub = await startHub(await newHubHome(folder))
  agents = await Promise.all(
    DEVICES.map((device, index) =>
      startAgent(hub, { site: SITE, device, folder, options: ['--docker', engines[index]?.socket ?? ''] }),
    ),
  )
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()))
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const push = (name: string, services: Readonly<Record<string, TestService>>): Promise<number> =>
  pushFiles(hub, name, appFiles(services))

const deploy = (version: number) =>
  hub.client.deployment.apply({ name: 'dash', deployable: 'dash', version: String(version), probation: { seconds: 1 } })

const itemOf = async (device: string) =>
  (await hub.client.device.get({ device })).items.find(({ name }) => name === 'dash')

const namesOn = async (engine: DockerEngine) =>
  (await engine.docker('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean).toSorted()

/** A page with the text, which says so in its log. */
const page = (text: string): Promise<TestImage> =>
  busyboxImage(`echo serving ${text}; exec httpd -f -p 80 -h /www`, { 'www/index.html': text })

/** A release of the same services as `services` below, as a person writes it. */
const COMPOSE = `services:
  web:
    image: example/web:1
    stop_signal: SIGKILL
    healthcheck:
      test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1/']
      interval: 300ms
      timeout: 2s
      retries: 2
  side:
    image: example/side:1
    stop_signal: SIGKILL
    depends_on:
      web: { condition: service_healthy }
`

const HEALTH = {
  test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
  intervalMs: 300,
  timeoutMs: 2_000,
  retries: 2,
  startPeriodMs: 0,
}

test.skipIf(!canRun)(
  'a release is rolled out, proved by its health, read, and replaced; a broken one returns by itself',
  async () => {
    await vi.waitFor(async () => {
      for (const device of DEVICES)
        expect((await hub.client.device.get({ device })).inventory?.capabilities).toContain('container')
    }, PATIENCE_MS)
    const services = async (text: string) => ({
      web: { image: await page(text), healthcheck: HEALTH, stopSignal: 'SIGKILL' },
      side: {
        image: await busyboxImage('echo beside; exec sleep 1000000'),
        dependsOn: { web: 'healthy' as const },
        stopSignal: 'SIGKILL',
      },
    })
    const skerry = commandLine(hub, folder)
    await writeFile(join(folder, 'compose.yaml'), COMPOSE)
    const [web, side] = [join(folder, 'web.tar'), join(folder, 'side.tar')]
    await writeImageArchive(await page('one'), { path: web, name: 'example/web:1' })
    await writeImageArchive(await busyboxImage('echo beside; exec sleep 1000000'), {
      path: side,
      name: 'example/side:1',
    })
    // The form of "docker save", by Docker itself.
    await engines[0]?.docker('load', '--input', side)
    await engines[0]?.docker('save', '--output', side, 'example/side:1')
    await skerry('app', 'push', 'dash', '--image', web, '--image', side)
    await deploy(1)
    const activeAt = (version: number) =>
      vi.waitFor(async () => {
        for (const device of DEVICES)
          expect(await itemOf(device)).toMatchObject({ state: 'active', serving: { version } })
      }, PATIENCE_MS)
    await activeAt(1)
    for (const engine of engines) expect(await namesOn(engine)).toEqual(['skerry_dash_side_v1', 'skerry_dash_web_v1'])
    const logs = await hub.client.app.logs({ device: 'press-1', app: 'dash', tail: 10 })
    expect(logs.lines.map(({ service, stream, text }) => [service, stream, text]).toSorted()).toEqual([
      ['side', 'out', 'beside'],
      ['web', 'out', 'serving one'],
    ])
    const one = await hub.client.app.logs({ device: 'press-1', app: 'dash', service: 'side' })
    expect(one.lines.map(({ text }) => text)).toEqual(['beside'])
    expect(await skerry('app', 'logs', 'press-2', 'dash', '--service', 'web')).toMatch(/Z web serving one\n$/)
    expect(await problemOfCall(hub.client.app.logs({ device: 'press-1', app: 'other' }))).toBe('app_unknown')

    expect(await push('dash', await services('two'))).toBe(2)
    await deploy(2)
    await activeAt(2)

    // The image starts and never answers.
    const broken = {
      web: { image: await busyboxImage('exec sleep 1000000'), healthcheck: HEALTH, stopSignal: 'SIGKILL' },
    }
    expect(await push('dash', broken)).toBe(3)
    await deploy(3)
    await vi.waitFor(async () => {
      const items = await Promise.all(DEVICES.map(itemOf))
      const failed = items.find((item) => item?.state === 'failed')
      expect(failed).toMatchObject({ cause: { code: 'app_unhealthy' }, serving: { version: 2 } })
    }, PATIENCE_MS)
    // A device that tried it runs the release before, and nothing of the broken one is left.
    await vi.waitFor(async () => {
      for (const engine of engines) expect(await namesOn(engine)).toEqual(['skerry_dash_side_v2', 'skerry_dash_web_v2'])
    }, PATIENCE_MS)
  },
)

test.skipIf(!canRun)(
  'a batch restarts, stops and starts an app, and a stop outlives the engine',
  deep('the orders of a batch for an app; the driver tests each one in units'),
  async () => {
    const [engine] = engines
    if (!engine) throw new Error('there is no engine')
    const skerry = commandLine(hub, folder)
    const services = async (text: string) => ({
      web: { image: await page(text), healthcheck: HEALTH, stopSignal: 'SIGKILL' },
      side: { image: await busyboxImage('echo beside; exec sleep 1000000'), stopSignal: 'SIGKILL' },
    })
    const deployMenu = async (text: string) => {
      const version = await pushFiles(hub, 'menu', appFiles(await services(text)))
      await hub.client.deployment.apply({
        name: 'menu',
        deployable: 'menu',
        version: String(version),
        selector: 'device.name == "press-1"',
        probation: { seconds: 1 },
      })
      return version
    }
    const menu = async () =>
      (await hub.client.device.get({ device: 'press-1' })).items.find(({ name }) => name === 'menu')
    const menuIs = (expected: object) =>
      vi.waitFor(async () => expect(await menu()).toMatchObject(expected), PATIENCE_MS)
    const states = async (version = 1) => {
      const names = ['web', 'side'].map((service) => `skerry_menu_${service}_v${version}`)
      const text = await engine.docker('inspect', '--format', '{{.State.Running}} {{.State.StartedAt}}', ...names)
      return text
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
    }
    const order = async (kind: string, ...more: string[]) => {
      const to = ['--to', 'device.name == "press-1"', '--app', 'menu', ...more, '--send', '--json']
      const { id } = JSON.parse(await skerry('batch', 'create', kind, ...to))
      return vi.waitFor(async () => {
        const batch = await hub.client.batch.get({ batch: id })
        expect(batch.status).toBe('ended')
        return batch
      }, PATIENCE_MS)
    }
    await deployMenu('one')
    await menuIs({ state: 'active', serving: { version: 1 } })

    const before = await states()
    expect((await order('restart-app', '--service', 'web')).counts).toMatchObject({ succeeded: 1 })
    const after = await states()
    expect(after.map(([isRunning]) => isRunning)).toEqual(['true', 'true'])
    expect([after[0]?.[1] === before[0]?.[1], after[1]?.[1] === before[1]?.[1]]).toEqual([false, true])

    expect((await order('stop-app')).counts).toMatchObject({ succeeded: 1 })
    await menuIs({ state: 'active', figures: { isStopped: true, running: 0, containers: 2 } })
    const refused = await order('restart-app')
    expect(refused).toMatchObject({ counts: { failed: 1 }, problems: [{ code: 'app_stopped', count: 1 }] })
    await engine.kill()
    await engine.start()
    await vi.waitFor(
      async () => expect((await states()).map(([isRunning]) => isRunning)).toEqual(['false', 'false']),
      PATIENCE_MS,
    )
    await menuIs({ state: 'active', figures: { isStopped: true, running: 0 } })
    expect((await order('start-app')).counts).toMatchObject({ succeeded: 1 })
    await menuIs({ state: 'active', figures: { running: 2, corrections: 0 } })
    expect((await menu())?.figures).not.toHaveProperty('isStopped')

    await order('stop-app')
    await deployMenu('two')
    await menuIs({ state: 'active', serving: { version: 2 }, figures: { running: 2 } })
  },
)

test.skipIf(!canRun)(
  'a container reads the secrets of its device as files, and a new value without a restart',
  deep('secrets of one app; apps/cli/test/secrets.test.ts delivers them to a device'),
  async () => {
    const secret = (value: string, scope?: string) =>
      hub.client.secret.set({
        name: 'db-password',
        value: Buffer.from(value).toString('base64'),
        ...(scope && { scope }),
      })
    const vault = async (device: string) =>
      (await hub.client.device.get({ device })).items.find(({ name }) => name === 'vault')
    // An image chooses its user, so each user in the container can read the file.
    const image = await busyboxImage('exec sleep 1000000')
    const version = await pushFiles(
      hub,
      'vault',
      appFiles({ web: { image, user: '1000', secrets: ['db-password'], stopSignal: 'SIGKILL' } }),
    )
    const deployed = { name: 'vault', deployable: 'vault', version: String(version), probation: { seconds: 1 } }
    await hub.client.deployment.apply(deployed)
    await vi.waitFor(async () => {
      const causes = await Promise.all(DEVICES.map(async (device) => (await vault(device))?.cause))
      expect(causes.some((cause) => cause?.code === 'app_secret_missing')).toBe(true)
    }, PATIENCE_MS)

    await secret('of-all')
    const activeOnBoth = () =>
      vi.waitFor(async () => {
        for (const device of DEVICES)
          expect(await vault(device)).toMatchObject({ state: 'active', figures: { running: 1 } })
      }, PATIENCE_MS)
    await activeOnBoth()
    const NAME = `skerry_vault_web_v${version}`
    const read = (engine: DockerEngine) => engine.docker('exec', NAME, 'cat', '/run/secrets/db-password')
    expect(await Promise.all(engines.map(read))).toEqual(['of-all', 'of-all'])
    const [engine] = engines
    if (!engine) throw new Error('there is no engine')
    const described = await engine.docker('inspect', NAME)
    expect(described).not.toContain('of-all')
    await expect(engine.docker('exec', '--user', '0', NAME, 'touch', '/run/secrets/other')).rejects.toThrow('Read-only')

    const { Mounts, State } = JSON.parse(described)[0]
    const folder = String(Mounts[0].Source)
    expect(await statfs(folder)).toMatchObject({ type: 0x01021994 })
    expect((await stat(dirname(folder))).mode & 0o777).toBe(0o700)

    // The value of the device counts more than that of the organisation.
    await secret('of-press-1', 'device:press-1')
    await vi.waitFor(
      async () => expect(await Promise.all(engines.map(read))).toEqual(['of-press-1', 'of-all']),
      PATIENCE_MS,
    )
    expect(JSON.parse(await engine.docker('inspect', NAME))[0].State.StartedAt).toBe(State.StartedAt)

    // After a reboot, the memory is empty when the engine starts the container.
    await engine.kill()
    await rm(dirname(folder), { recursive: true })
    await engine.start()
    await vi.waitFor(async () => expect(await read(engine)).toBe('of-press-1'), PATIENCE_MS)
    await activeOnBoth()
    await hub.client.deployment.remove({ deployment: 'vault' })
    await vi.waitFor(async () => expect(await readdir(dirname(folder)).catch(() => [])).toEqual([]), PATIENCE_MS)
  },
)

const problemOfCall = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => problemOf(error).code,
  )
