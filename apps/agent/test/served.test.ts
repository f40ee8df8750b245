/** Models that an app answers for: a real agent, a real container engine, and a server in a container. */
import { hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'
import { askChat, askTimes, chatApp, chatVersion, servedTimes, timesApp } from './stage/oip-app.ts'

test.skipIf(!hasDocker || !hasBusybox)(
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

test.skipIf(!hasDocker || !hasBusybox)(
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
