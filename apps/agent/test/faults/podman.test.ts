/**
 * Apps on a device with Podman: the same driver over the API that Podman shares with Docker.
 *
 * @module-tag deep the second engine; apps.test.ts shows the driver with Docker
 */
import { appFiles } from '@skerry/testkit/containers/app-files'
import { busyboxImage, hasBusybox } from '@skerry/testkit/containers/busybox-image'
import { hasPodman, type PodmanEngine, startPodmanEngine } from '@skerry/testkit/containers/podman-engine'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startAgent, temporaryFolder } from '../stage/agent-process.ts'
import { page, pageImage, pageIs, portOn } from '../stage/app-stage.ts'
import { startFakeHub } from '../stage/fake-hub.ts'

const canRun = hasPodman && hasBusybox

let engine: PodmanEngine

beforeAll(async () => {
  if (canRun) engine = await startPodmanEngine()
})
afterAll(async () => engine?.[Symbol.asyncDispose]())

const names = async () =>
  (await engine.podman('ps', '--all', '--format', '{{.Names}}')).split('\n').filter(Boolean).toSorted()

test.skipIf(!canRun)(
  'a release replaces another one, a broken one returns, and a removed container comes back',
  async () => {
    await using hub = await startFakeHub()
    const port = await freePort()
    await using _ = startAgent(await temporaryFolder(), '--join', hub.token, '--docker', engine.socket)
    // Podman runs health checks by timers of systemd, which is not everywhere. So these releases have none.
    const release = async (text: string) =>
      appFiles({ web: { image: await pageImage(text), ports: portOn(port), stopSignal: 'SIGKILL', restart: 'always' } })
    hub.desire(hub.publish({ model: 'pod', version: 1, files: await release('one') }))
    await hub.item('pod', ({ state }) => state === 'active')
    expect(await page(port)).toBe('one')
    hub.desire(hub.publish({ model: 'pod', version: 2, files: await release('two') }))
    await hub.item('pod', ({ state, target }) => state === 'active' && target.version === 2)
    expect(await page(port)).toBe('two')
    const broken = appFiles({
      web: { image: await busyboxImage('echo broken; sleep 0.2; exit 3'), ports: portOn(port), restart: 'no' },
    })
    hub.desire(hub.publish({ model: 'pod', version: 3, files: broken, probation: { seconds: 3 } }))
    const failed = await hub.item('pod', ({ state, serving }) => state === 'failed' && serving?.version === 2)
    expect(failed.cause).toMatchObject({ code: 'app_exited', message: expect.stringContaining('exit code 3') })
    await pageIs(port, 'two')
    await until(async () => (await names()).join() === 'skerry_pod_web_v2', { what: 'only the old release to be left' })
    const [{ HostConfig }] = JSON.parse(await engine.podman('inspect', 'skerry_pod_web_v2'))
    expect(HostConfig).toMatchObject({ Memory: 32 * 1024 ** 2, PidsLimit: 32, Privileged: false })
    await engine.podman('rm', '--force', '--time', '0', 'skerry_pod_web_v2')
    await pageIs(port, 'two')
  },
)
