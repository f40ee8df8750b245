/**
 * Models that an app answers for, also with files that versions bring: a real agent, a real container engine, and a
 * server in a container.
 */
import { hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import {
  askChat,
  askTimes,
  chatApp,
  chatVersion,
  hostedTimes,
  repositoryApp,
  servedTimes,
  timesApp,
} from './stage/oip-app.ts'

const cannotRun = !hasDocker || !hasBusybox

test.skipIf(cannotRun)(
  'a model of an app waits for the app, is proved by golden cases, serves, and follows the app to another port',
  async () => {
    await using engine = await startDockerEngine()
    await using hub = await startFakeHub()
    // Figures come with the next report, which is due after a minute otherwise.
    hub.answers.nextReportMs = 1_000
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const rest = await agent.rest()
    const model = (version: number, factor: number) =>
      hub.publish({ model: 'times', version, files: servedTimes('maths', factor) })
    hub.desire(model(1, 5))
    const waiting = await hub.item('times', ({ cause }) => cause?.code === 'served_waits')
    expect(waiting).toMatchObject({ state: 'loading', cause: { message: expect.stringContaining('the app maths') } })
    await hub.reported('the capability', ({ inventory }) => inventory?.capabilities.includes('served') ?? false)

    const first = hub.publish({ model: 'maths', version: 1, files: await timesApp(5, await freePort()) })
    hub.desire(first, model(1, 5))
    await hub.item('times', ({ state }) => state === 'active')
    expect(await askTimes(rest, -8)).toEqual({ status: 200, y: -40 })

    // The app of the device multiplies by 5, and this version was recorded with 6.
    hub.desire(first, model(2, 6))
    const refused = await hub.item('times', ({ state, target }) => state === 'failed' && target.version === 2)
    expect(refused).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
    expect(await askTimes(rest, 2)).toEqual({ status: 200, y: 10 })

    const moved = hub.publish({ model: 'maths', version: 2, files: await timesApp(5, await freePort()) })
    hub.desire(moved, model(1, 5))
    await hub.item('maths', ({ state, target }) => state === 'active' && target.version === 2)
    await until(async () => (await askTimes(rest, 3)).y === 15, { what: 'the model to follow its app' })
    // Its figures are those of a model in the runner.
    const { stats } = await hub.item('times', (item) => (item.stats?.requests ?? 0) > 0)
    expect(stats).toMatchObject({ p50Us: expect.any(Number), outputs: [{ name: 'y', max: 15 }] })
  },
)

test.skipIf(cannotRun)(
  'a language model of an app is proved by golden prompts, answers the chat API, and a wrong version returns',
  async () => {
    await using engine = await startDockerEngine()
    await using hub = await startFakeHub()
    hub.answers.nextReportMs = 1_000
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const rest = await agent.rest()
    const app = hub.publish({ model: 'writer', version: 1, files: await chatApp('Noted:', await freePort()) })
    const model = (version: number, word: string) =>
      hub.publish({ model: 'assistant', version, files: chatVersion('writer', word) })
    hub.desire(model(1, 'Noted:'))
    await hub.item('assistant', ({ cause }) => cause?.code === 'served_waits')
    hub.desire(app, model(1, 'Noted:'))
    await hub.item('assistant', ({ state }) => state === 'active')
    expect(await askChat(rest, 'assistant', 'pump 3')).toEqual({ status: 200, text: 'Noted: pump 3' })

    hub.desire(app, model(2, 'Seen:'))
    const refused = await hub.item('assistant', ({ state, target }) => state === 'failed' && target.version === 2)
    expect(refused).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
    expect(await askChat(rest, 'assistant', 'pump 4')).toEqual({ status: 200, text: 'Noted: pump 4' })
    const { figures } = await hub.item('assistant', (item) => Number(item.figures?.answers ?? 0) >= 2)
    expect(figures).toMatchObject({ restarts: 0 })
  },
)

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
