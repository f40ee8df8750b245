/**
 * A server of models in Python in a container: golden cases, a shadow and the return of an update are those of a native
 * model.
 *
 * @module-tag deep builds a root file system of Debian; served.test.ts shows the routing with a small server
 */
import { appFiles } from '@skerry/testkit/containers/app-files'
import { hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { hasMmdebstrap, pythonServerImage } from '@skerry/testkit/containers/python-image'
import { TIMES_PORT } from '@skerry/testkit/containers/times-server'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { startFakeHub } from '../stage/fake-hub.ts'
import { askTimes, servedTimes } from '../stage/oip-app.ts'

test.skipIf(!hasDocker || !hasMmdebstrap)(
  'a Python server is proved by golden cases, a shadow compares, and a wrong release of it returns',
  async () => {
    const image = await pythonServerImage()
    await using engine = await startDockerEngine()
    await using hub = await startFakeHub()
    hub.answers.nextReportMs = 1_000
    await using agent = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    const rest = await agent.rest()
    const port = await freePort()
    const app = (version: number, factor: number, command?: string[]) =>
      hub.publish({
        model: 'maths',
        version,
        probation: { seconds: version === 1 ? 0 : 5 },
        files: appFiles({
          server: {
            image,
            stopSignal: 'SIGKILL',
            resources: { memoryBytes: 128 * 1024 ** 2, cpus: 1, pids: 64 },
            environment: { FACTOR: String(factor) },
            ...(command && { command }),
            ports: [{ host: port, container: TIMES_PORT, protocol: 'tcp', address: '127.0.0.1' }],
            serves: [{ model: 'times', port: TIMES_PORT, protocol: 'oip' }],
          },
        }),
      })
    const model = (version: number, factor: number, more: object = {}) =>
      hub.publish({ model: 'times', version, files: servedTimes('maths', factor), ...more })
    hub.desire(app(1, 5), model(1, 5))
    await hub.item('times', ({ state }) => state === 'active')
    expect(await askTimes(rest, 7)).toEqual({ status: 200, y: 35 })

    hub.desire(app(1, 5), model(2, 6))
    const refused = await hub.item('times', ({ state, target }) => state === 'failed' && target.version === 2)
    expect(refused).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })

    const shadow = { minCompared: 5, seconds: 1 }
    hub.desire(app(1, 5), model(3, 5, { shadow }))
    await until(
      async () => (await askTimes(rest, 2)).y === 10 && (await hub.item('times', () => true)).state === 'active',
      {
        what: 'the shadow to be compared, and to take over',
      },
    )
    await hub.item('times', ({ state, serving }) => state === 'active' && serving?.version === 3)

    hub.desire(app(2, 5, ['/usr/bin/python3', '-c', 'raise SystemExit(3)']), model(3, 5))
    const failed = await hub.item('maths', ({ state, serving }) => state === 'failed' && serving?.version === 1)
    expect(failed.cause).toMatchObject({ code: 'app_exited' })
    await until(async () => (await askTimes(rest, 3)).y === 15, { what: 'the server before to answer' })
  },
)
