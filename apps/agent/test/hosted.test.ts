/** Models with files of another engine: a real agent, a real container engine, and a server that loads the files. */
import { hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { askTimes, hostedTimes, repositoryApp } from './stage/oip-app.ts'

const cannotRun = !hasDocker || !hasBusybox

/** The models that the server has. */
const loadedIn = async (port: number): Promise<string[]> =>
  (await (await fetch(`http://127.0.0.1:${port}/v2/loaded`)).text()).split('\n').filter((name) => name !== '')

test.skipIf(cannotRun)(
  'files of another engine wait for their runtime, are loaded and proved in it, and leave it again',
  async () => {
    await using engine = await startDockerEngine()
    await using hub = await startFakeHub()
    hub.answers.nextReportMs = 1_000
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const rest = await agent.rest()
    const model = (version: number, factor: string, expected: number) =>
      hub.publish({ model: 'times', version, files: hostedTimes({ app: 'triton', version: 1 }, factor, expected) })
    hub.desire(model(1, '5', 5))
    const waiting = await hub.item('times', ({ cause }) => cause?.code === 'served_waits')
    expect(waiting.cause?.message).toContain('no running release 1 of the app triton has a model repository')

    const port = await freePort()
    const app = hub.publish({ model: 'triton', version: 1, files: await repositoryApp('request', port) })
    hub.desire(app, model(1, '5', 5))
    await hub.item('times', ({ state }) => state === 'active')
    await hub.reported('the runtime', ({ inventory }) => inventory?.runtimes?.[0]?.app === 'triton')
    expect(await askTimes(rest, -8)).toEqual({ status: 200, y: -40 })
    expect(await loadedIn(port)).toEqual([expect.stringMatching(/^times-v1-[0-9a-f]{12}$/)])

    // The files multiply by 6, and the case was recorded with 7.
    hub.desire(app, model(2, '6', 7))
    const wrong = await hub.item('times', ({ state, target }) => state === 'failed' && target.version === 2)
    expect(wrong).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
    hub.desire(app, model(3, 'no number', 5))
    const broken = await hub.item('times', ({ state, target }) => state === 'failed' && target.version === 3)
    expect(broken).toMatchObject({ cause: { code: 'model_load_failed' }, serving: { version: 1 } })
    expect(broken.cause?.message).toContain('400: factor.txt has no number')

    hub.desire(app, model(4, '8', 8))
    await hub.item('times', ({ state, target }) => state === 'active' && target.version === 4)
    expect(await askTimes(rest, 2)).toEqual({ status: 200, y: 16 })
    await until(async () => (await loadedIn(port)).length === 1, { what: 'the other versions to leave the server' })
    expect(await loadedIn(port)).toEqual([expect.stringMatching(/^times-v4-/)])
    hub.desire(app)
    await until(async () => (await loadedIn(port)).length === 0, { what: 'the model to leave the server' })
  },
)

test.skipIf(cannotRun)(
  'a server that reads its folder as it starts is restarted for a model, and a server that forgot its models gets them again',
  deep('two container engines and several restarts of containers'),
  async () => {
    await using engine = await startDockerEngine()
    await using hub = await startFakeHub()
    hub.answers.nextReportMs = 1_000
    const data = await temporaryFolder()
    await using agent = startAgent(data, '--join', hub.token, '--docker', engine.socket)
    const rest = await agent.rest()
    const ports = { slow: await freePort(), quick: await freePort() }
    const slow = hub.publish({ model: 'slow', version: 1, files: await repositoryApp('restart', ports.slow) })
    const quick = hub.publish({ model: 'quick', version: 1, files: await repositoryApp('request', ports.quick) })
    const times = (app: string, version: number, factor: number) =>
      hub.publish({ model: 'times', version, files: hostedTimes({ app }, String(factor), factor) })
    hub.desire(slow, quick, times('slow', 1, 5))
    await hub.item('times', ({ state }) => state === 'active')
    expect(await askTimes(rest, 2)).toEqual({ status: 200, y: 10 })

    // Another runtime takes over, and the files leave the folder of the first.
    hub.desire(slow, quick, times('quick', 2, 6))
    await hub.item('times', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await askTimes(rest, 2)).toEqual({ status: 200, y: 12 })
    const containers = await engine.docker('ps', '-q', '--filter', 'label=skerry.app=quick')
    await engine.docker('restart', containers.trim())
    await until(async () => (await askTimes(rest, 3)).y === 18, { what: 'the model to be in the server again' })
  },
)
