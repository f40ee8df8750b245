/** Apps on one device: a real agent and a real container engine, and a hub that only sends documents. */

import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox, type TestImage } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { startFakeHub } from './stage/fake-hub.ts'

const runs = test.skipIf(!hasDocker || !hasBusybox)

let engine: DockerEngine

beforeAll(async () => {
  if (hasDocker && hasBusybox) engine = await startDockerEngine()
})
afterAll(async () => engine?.[Symbol.asyncDispose]())

/** A page with the text, over HTTP on port 80. */
const server = (text: string): Promise<TestImage> =>
  busyboxImage(`echo started ${text}; exec httpd -f -p 80 -h /www`, { 'www/index.html': text })

const HEALTH = {
  test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1/'],
  intervalMs: 300,
  timeoutMs: 2_000,
  retries: 2,
  startPeriodMs: 0,
}

async function page(port: number): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
  return response?.text()
}

const running = async () => (await engine.docker('ps', '--format', '{{.Names}}')).split('\n').filter(Boolean).toSorted()

runs('a release replaces another one, and a broken one returns by itself', async () => {
  await using hub = await startFakeHub()
  const port = await freePort()
  const web = async (text: string) =>
    appFiles({
      web: {
        image: await server(text),
        ports: [{ host: port, container: 80, protocol: 'tcp', address: '127.0.0.1' }],
        healthcheck: HEALTH,
        stopSignal: 'SIGKILL',
      },
    })
  await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
  hub.desire(hub.publish({ model: 'dash', version: 1, files: await web('one') }))
  await hub.item('dash', ({ state }) => state === 'active')
  expect(await page(port)).toBe('one')
  expect(await running()).toEqual(['skerry_dash_web_v1'])
  hub.desire(hub.publish({ model: 'dash', version: 2, files: await web('two') }))
  await hub.item('dash', ({ state, target }) => state === 'active' && target.version === 2)
  expect(await page(port)).toBe('two')
  const broken = appFiles({
    web: {
      image: await busyboxImage('echo broken; sleep 0.2; exit 3'),
      ports: [{ host: port, container: 80, protocol: 'tcp', address: '127.0.0.1' }],
    },
  })
  hub.desire(hub.publish({ model: 'dash', version: 3, files: broken, probation: { seconds: 3 } }))
  const failed = await hub.item('dash', ({ state, serving }) => state === 'failed' && serving?.version === 2)
  expect(failed.cause).toMatchObject({ code: 'app_exited', message: expect.stringContaining('exit code 3') })
  expect(await page(port)).toBe('two')
  await until(async () => (await running()).length === 1, { what: 'only the old release to be left' })
})
