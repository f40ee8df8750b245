/** Apps under faults: broken releases, foreign containers, drift, and kills of the agent and of the engine. */

import { once } from 'node:events'
import { createServer } from 'node:net'
import { appFiles, type TestService } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { deep, rounds } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProcess, startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { HEALTH, namesIn, page, pageFiles, pageImage, pageIs, portOn } from '../stage/app-stage.ts'
import { type FakeHub, startFakeHub } from '../stage/fake-hub.ts'

const hasEngine = hasDocker && hasBusybox
const tier = deep('minutes of containers; apps.test.ts shows an update and a return')
const runs = test.skipIf(!hasEngine)

let engine: DockerEngine

beforeAll(async () => {
  if (hasEngine) engine = await startDockerEngine()
})
afterAll(async () => engine?.[Symbol.asyncDispose]())

type Scene = AsyncDisposable & { hub: FakeHub; port: number; data: string; start(): AgentProcess; agent: AgentProcess }

/** A device on which version 1 serves. */
async function onDevice(model: string, at: DockerEngine = engine, more: Partial<TestService> = {}): Promise<Scene> {
  const hub = await startFakeHub()
  const port = await freePort()
  const data = await temporaryFolder()
  const start = () => startAgent(data, '--join', hub.token, '--docker', at.socket)
  const agent = start()
  hub.desire(hub.publish({ model, version: 1, files: await pageFiles('one', port, more) }))
  await hub.item(model, ({ state }) => state === 'active')
  const scene: Scene = {
    hub,
    port,
    data,
    start,
    agent,
    async [Symbol.asyncDispose]() {
      await scene.agent.kill()
      const own = (await namesIn(at, '--all')).filter((name) => name.startsWith(`skerry_${model}_`))
      if (own.length > 0) await at.docker('rm', '--force', ...own)
      await hub[Symbol.asyncDispose]()
    },
  }
  return scene
}

const eater = 'x=12345678; while true; do x=$x$x; done'

const broken: [model: string, code: string, line: string, more: Partial<TestService>][] = [
  ['ends', 'app_exited', 'exit 1', {}],
  ['sick', 'app_unhealthy', 'exec sleep 1000000', { healthcheck: HEALTH }],
  ['deaf', 'app_unhealthy', "trap '' TERM; while true; do sleep 1; done", { healthcheck: HEALTH, stopGraceMs: 1_000 }],
  ['greedy', 'app_out_of_memory', eater, {}],
  ['absent', 'app_start_failed', 'true', { entrypoint: ['/no/such/program'] }],
]

runs.each(broken)(
  'a release that %s fails as %s, and the one before serves again',
  tier,
  async (model, code, line, more) => {
    await using scene = await onDevice(model)
    const { hub, port } = scene
    const files = appFiles({ web: { image: await busyboxImage(line), ports: portOn(port), ...more } })
    hub.desire(hub.publish({ model, version: 2, files, probation: { seconds: 5 } }))
    const item = await hub.item(model, ({ state, serving }) => state === 'failed' && serving?.version === 1)
    expect(item.cause?.code).toBe(code)
    await pageIs(port, 'one')
    await until(async () => (await namesIn(engine, '--all')).join() === `skerry_${model}_web_v1`, {
      what: 'the rests to go',
    })
  },
)

runs('a release that becomes unhealthy on its trial returns without a hub', tier, async () => {
  await using scene = await onDevice('alone')
  const { hub, port } = scene
  const image = await busyboxImage('httpd -f -p 80 -h /www & sleep 4; exit 1', { 'www/index.html': 'two' })
  const files = appFiles({ web: { image, ports: portOn(port), healthcheck: HEALTH, restart: 'no' } })
  hub.desire(hub.publish({ model: 'alone', version: 2, files, probation: { seconds: 60 } }))
  await pageIs(port, 'two')
  await hub[Symbol.asyncDispose]()
  await pageIs(port, 'one')
})

runs(
  'a foreign container of the same name and a taken port are named, and the old release serves meanwhile',
  tier,
  async () => {
    await using scene = await onDevice('claim')
    const { hub, port } = scene
    const name = 'skerry_claim_web_v2'
    const [image = ''] = JSON.parse(
      await engine.docker('inspect', '--format', '{{json .Config.Image}}', 'skerry_claim_web_v1'),
    ).split('@')
    await engine.docker('create', '--name', name, '--network', 'none', '--pull', 'never', image)
    const other = await freePort()
    const listener = createServer().listen(other, '127.0.0.1')
    await once(listener, 'listening')
    const two = appFiles({
      web: { image: await pageImage('two'), ports: portOn(other), healthcheck: HEALTH, stopSignal: 'SIGKILL' },
    })
    hub.desire(hub.publish({ model: 'claim', version: 2, files: two }))
    await hub.item('claim', ({ cause }) => cause?.code === 'app_name_taken' && cause.message.includes(name))
    expect(await page(port)).toBe('one')
    expect(await namesIn(engine, '--all')).toContain(name)
    await engine.docker('rm', name)
    await hub.item('claim', ({ cause }) => cause?.code === 'app_port_taken' && cause.message.includes(String(other)))
    expect(await page(port)).toBe('one')
    listener.close()
    await hub.item('claim', ({ state, serving }) => state === 'active' && serving?.version === 2)
    expect(await page(other)).toBe('two')
  },
)

runs('a container that somebody stopped, removed, paused or changed is corrected', tier, async () => {
  await using scene = await onDevice('drift')
  const { port } = scene
  const name = 'skerry_drift_web_v1'
  const orders = [
    ['stop', '--time', '0'],
    ['rm', '--force'],
    ['pause'],
    ['update', '--memory', '64m', '--memory-swap', '64m'],
  ]
  for (const [index, order] of orders.entries()) {
    await engine.docker(...order, name)
    const drifts = () => scene.agent.lines.filter(({ event }) => event === 'app_drifted').length
    await until(() => drifts() === index + 1, { what: 'the drift to be noticed' })
    await pageIs(port, 'one')
  }
  const memory = () => engine.docker('inspect', '--format', '{{.HostConfig.Memory}}', name).catch(() => '')
  await until(async () => (await memory()) === `${32 * 1024 ** 2}\n`, { what: 'the limit of the release' })
})

runs('by the policy of a release, a container that somebody stopped is reported and stays so', tier, async () => {
  await using hub = await startFakeHub()
  const port = await freePort()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
  const files = await pageFiles('one', port)
  files['app.json'] = JSON.stringify({ ...JSON.parse(String(files['app.json'])), drift: 'report' })
  hub.desire(hub.publish({ model: 'kept', version: 1, files }))
  await hub.item('kept', ({ state }) => state === 'active')
  await engine.docker('stop', '--time', '0', 'skerry_kept_web_v1')
  await hub.item('kept', ({ state, figures }) => state === 'active' && figures?.drifted === 1)
  expect(agent.lines.filter(({ event }) => event === 'app_drift_kept')).toHaveLength(1)
  expect(await namesIn(engine)).not.toContain('skerry_kept_web_v1')
  await engine.docker('start', 'skerry_kept_web_v1')
  await hub.item('kept', ({ figures }) => figures !== undefined && figures.drifted === undefined)
  await pageIs(port, 'one')
})

runs('after a reboot without a network the release starts, with a removed image too', tier, async () => {
  await using scene = await onDevice('reboot', engine, { restart: 'no' })
  const { hub, port, start } = scene
  await scene.agent.kill()
  await hub[Symbol.asyncDispose]()
  await engine.docker('rm', '--force', 'skerry_reboot_web_v1')
  const tags = (await engine.docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
  const own = tags.filter((tag) => tag.includes('/reboot:'))
  expect(own).toHaveLength(1)
  await engine.docker('rmi', '--force', ...own)
  scene.agent = start()
  await pageIs(port, 'one')
})

runs('files that are encrypted on the disk make the same image', tier, async () => {
  await using hub = await startFakeHub()
  const port = await freePort()
  const options = ['--join', hub.token, '--docker', engine.socket, '--encrypt-models', 'on']
  await using _ = startAgent(await temporaryFolder(), ...options)
  hub.desire(hub.publish({ model: 'sealed', version: 1, files: await pageFiles('secret', port) }))
  await hub.item('sealed', ({ state }) => state === 'active')
  expect(await page(port)).toBe('secret')
  await engine.docker('rm', '--force', 'skerry_sealed_web_v1')
})

runs('the images of the release before stay for a rollback, and those of earlier ones go', tier, async () => {
  await using scene = await onDevice('spare')
  const { hub, port } = scene
  for (const version of [2, 3]) {
    hub.desire(hub.publish({ model: 'spare', version, files: await pageFiles(`page ${version}`, port) }))
    await hub.item('spare', ({ state, target }) => state === 'active' && target.version === version)
  }
  const tags = async () => {
    const all = (await engine.docker('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
    return all.flatMap((tag) => /\/spare:(v\d+)-/.exec(tag)?.[1] ?? []).toSorted()
  }
  await until(async () => (await tags()).join() === 'v2,v3', { what: 'the images of the first release to go' })
})

runs('a wiped device leaves nothing in the engine but the things of others', tier, async () => {
  await using own = await startDockerEngine()
  await using scene = await onDevice('wiped', own, { volumes: [{ name: 'data', target: '/data' }] })
  const { hub, agent } = scene
  await own.docker('volume', 'create', 'theirs')
  const ended = once(agent.child, 'exit')
  hub.answers.wipe = true
  hub.disconnect()
  expect(await ended).toEqual([0, null])
  expect(await namesIn(own, '--all')).toEqual([])
  expect(await own.docker('images', '--quiet')).toBe('')
  expect(await own.docker('volume', 'ls', '--format', '{{.Name}}')).toBe('theirs\n')
  expect(await own.docker('network', 'ls', '--format', '{{.Name}}')).not.toContain('skerry')
})

const KILLS = rounds({ quick: 3, deep: 12 })

runs('kill -9 of the agent at any moment of updates ends with one release', tier, async () => {
  await using scene = await onDevice('kills')
  const { hub, port, start } = scene
  for (let version = 2; version < KILLS + 2; version++) {
    hub.desire(hub.publish({ model: 'kills', version, files: await pageFiles(`page ${version}`, port) }))
    await new Promise((resolve) => setTimeout(resolve, (version * 370) % 2_900))
    await scene.agent.kill()
    scene.agent = start()
    await hub.item('kills', ({ state, target }) => state === 'active' && target.version === version)
    expect(await page(port)).toBe(`page ${version}`)
    await until(async () => (await namesIn(engine)).join() === `skerry_kills_web_v${version}`, { what: 'one release' })
  }
})

runs.each([[[]], [['--live-restore']]])(
  'dockerd %j that is killed and started again ends with the release',
  tier,
  async (flags) => {
    await using own = await startDockerEngine(...flags)
    await using scene = await onDevice('engine', own)
    const { hub, port } = scene
    await own.kill()
    await scene.agent.logged('engine_lost')
    await own.start()
    await pageIs(port, 'one')
    hub.desire(
      hub.publish({ model: 'engine', version: 2, files: await pageFiles('two', port), probation: { seconds: 4 } }),
    )
    await pageIs(port, 'two')
    // On its trial: the end of the engine is no evidence against the release.
    await own.kill()
    await own.start()
    await hub.item('engine', ({ state, target }) => state === 'active' && target.version === 2)
    await pageIs(port, 'two')
  },
)
