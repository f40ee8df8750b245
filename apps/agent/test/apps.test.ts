/** Apps on one device: a real agent and a real container engine, and a hub that only sends documents. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { stateThat, until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { hotFiles, namesIn, page, pageFiles, pageImage, portOn } from './stage/app-stage.ts'
import { startFakeHub } from './stage/fake-hub.ts'

let engine: DockerEngine

beforeAll(async () => {
  if (hasDocker && hasBusybox) engine = await startDockerEngine()
})
afterAll(async () => engine?.[Symbol.asyncDispose]())

test.skipIf(!hasDocker || !hasBusybox)(
  'a release replaces another one, and a broken one returns by itself',
  deep('test/apps/apps.test.ts shows the same with a real hub in the quick tier'),
  async () => {
    await using hub = await startFakeHub()
    const port = await freePort()
    await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    hub.desire(hub.publish({ model: 'dash', version: 1, files: await pageFiles('one', port) }))
    await hub.item('dash', ({ state }) => state === 'active')
    expect(await page(port)).toBe('one')
    expect(await namesIn(engine)).toEqual(['skerry_dash_web_v1'])
    hub.desire(hub.publish({ model: 'dash', version: 2, files: await pageFiles('two', port) }))
    await hub.item('dash', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await page(port)).toBe('two')
    const broken = appFiles({
      web: { image: await busyboxImage('echo broken; sleep 0.2; exit 3'), ports: portOn(port) },
    })
    hub.desire(hub.publish({ model: 'dash', version: 3, files: broken, probation: { seconds: 3 } }))
    const failed = await hub.item('dash', ({ state, serving }) => state === 'failed' && serving?.version === 2)
    expect(failed.cause).toMatchObject({ code: 'app_exited', message: expect.stringContaining('exit code 3') })
    expect(await page(port)).toBe('two')
    await until(async () => (await namesIn(engine, '--all')).length === 1, { what: 'only the old release to be left' })
  },
)

test.skipIf(!hasDocker || !hasBusybox)(
  'a container has the limits of its release and no right of root; data and things of others stay',
  async () => {
    await using hub = await startFakeHub()
    await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const image = await pageImage('limits')
    const files = appFiles({
      web: {
        image,
        environment: { COLOUR: 'red' },
        volumes: [{ name: 'data', target: '/data' }],
        tmpfs: ['/scratch'],
        readOnly: true,
        restart: 'always',
      },
    })
    hub.desire(hub.publish({ model: 'box', version: 1, files }))
    const item = await hub.item('box', ({ state, figures }) => state === 'active' && figures?.memoryBytes !== undefined)
    expect(item.figures).toMatchObject({ containers: 1, running: 1, restarts: 0, health: 'none' })
    const [inspected] = JSON.parse(await engine.docker('inspect', 'skerry_box_web_v1'))
    expect(inspected.HostConfig).toMatchObject({
      Memory: 32 * 1024 ** 2,
      MemorySwap: 32 * 1024 ** 2,
      NanoCpus: 1e9,
      PidsLimit: 32,
      CapAdd: null,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      ReadonlyRootfs: true,
      RestartPolicy: { Name: 'unless-stopped' },
      LogConfig: { Type: 'json-file', Config: { 'max-file': '3', 'max-size': '10m' } },
    })
    expect(inspected.Config.Env).toContain('COLOUR=red')
    const status = await engine.docker('exec', 'skerry_box_web_v1', 'cat', '/proc/self/status')
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    const [name = ''] = inspected.Config.Image.split('@')
    await engine.docker(
      'run',
      '--detach',
      '--name',
      'theirs',
      '--network',
      'none',
      '--pull',
      'never',
      name,
      'sleep',
      '1000000',
    )
    hub.desire()
    await hub.reported('an empty device', ({ items }) => items.length === 0)
    const left = async () => (await namesIn(engine, '--all')).filter((one) => !one.startsWith('skerry_dash_'))
    await until(async () => (await left()).join() === 'theirs', { what: 'only theirs to be left' })
    const networks = () => engine.docker('network', 'ls', '--format', '{{.Name}}')
    await until(async () => !(await networks()).includes('skerry_box'), { what: 'the network to be gone' })
    expect(await engine.docker('volume', 'ls', '--format', '{{.Name}}')).toContain('skerry_box_data')
  },
)

test.skipIf(!hasDocker || !hasBusybox)(
  'a hot setting changes in the running container, and a value that ends it returns',
  async () => {
    await using hub = await startFakeHub()
    const port = await freePort()
    await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const files = await hotFiles(port)
    const settings = async () => JSON.parse((await page(port, '/settings.json')) ?? '{}') as object
    const settle = (revision: number, config: { LIMIT: number; COLOUR?: string }) => {
      const version = hub.publish({
        model: 'hot',
        version: 1,
        files,
        config,
        probation: { seconds: config.LIMIT === 0 ? 5 : 0 },
      })
      hub.desire({ ...version, revision })
      return hub.item(
        'hot',
        ({ state, target }) => ['active', 'failed'].includes(state) && target.revision === revision,
      )
    }
    const container = async () => {
      const [name = ''] = (await namesIn(engine)).filter((one) => one.startsWith('skerry_hot_'))
      return engine.docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name)
    }
    // A container runs a moment before its server listens.
    const untilServed = (expected: object) =>
      stateThat(settings, (served) => isDeepStrictEqual(served, expected), { what: JSON.stringify(expected) })
    await settle(1, { LIMIT: 7 })
    await untilServed({ LIMIT: 7 })
    const first = await container()
    await settle(2, { LIMIT: 9 })
    expect(await settings()).toEqual({ LIMIT: 9 })
    expect(await container()).toBe(first)
    expect(await engine.docker('inspect', '--format', '{{.Config.Env}}', first.split(' ')[0] ?? '')).not.toContain(
      'LIMIT',
    )

    // The container ends with 0. The device lays the settings before, and starts it again.
    expect(await settle(3, { LIMIT: 0 })).toMatchObject({ state: 'failed', cause: { code: 'app_exited' } })
    await hub.item('hot', ({ serving }) => serving?.version === 1)
    await untilServed({ LIMIT: 9 })

    expect(await settle(4, { LIMIT: 9, COLOUR: 'red' })).toMatchObject({ state: 'active' })
    await untilServed({ COLOUR: 'red', LIMIT: 9 })
    expect((await container()).split(' ')[0]).not.toBe(first.split(' ')[0])
  },
)

test.skipIf(!hasDocker || !hasBusybox)(
  'an app gets a folder and a device file only if the command line of the agent allows them',
  deep('one refusal and one mount; container-body.test.ts and lint-compose.test.ts have each part'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const shared = await temporaryFolder()
    await writeFile(join(shared, 'limit'), '42')
    const image = await busyboxImage('cat /in/limit && echo ok > /dev/gone && exec sleep 1000000')
    const access = {
      folders: [{ host: shared, target: '/in', readOnly: true }],
      devices: [{ host: '/dev/null', container: '/dev/gone', rights: 'rw' }],
    }
    hub.desire(
      hub.publish({ model: 'reach', version: 1, files: appFiles({ web: { image, access, stopSignal: 'SIGKILL' } }) }),
    )
    const options = ['--join', hub.token, '--docker', engine.socket]
    {
      await using _ = startAgent(data, ...options, '--allow-app', 'device:/dev/null')
      const refused = await hub.item('reach', ({ state }) => state === 'failed')
      expect(refused.cause).toMatchObject({
        code: 'app_access_refused',
        message: `the device does not allow folder:${shared}; start its agent with --allow-app folder:${shared}`,
      })
    }
    const two = appFiles({ web: { image, access, stopSignal: 'SIGKILL', environment: { NEXT: '1' } } })
    hub.desire(hub.publish({ model: 'reach', version: 2, files: two }))
    await using _ = startAgent(data, ...options, '--allow-app', 'device:/dev/null', '--allow-app', `folder:${shared}`)
    await hub.item('reach', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await engine.docker('logs', 'skerry_reach_web_v2')).toBe('42')
    await expect(engine.docker('exec', 'skerry_reach_web_v2', 'touch', '/in/x')).rejects.toThrow('Read-only')
  },
)
