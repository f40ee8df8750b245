/** The agent with a cluster that only remembers, and pods that are processes of this machine. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { expect, test } from 'vitest'
import { type KubeApi, startKubeApi } from '../../../test/stage/kube-api.ts'
import { startKubeNodes } from '../../../test/stage/kube-nodes.ts'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles, timesGolden } from './stage/models.ts'

async function startClusterAgent(hub: FakeHub, kube: KubeApi, ...args: readonly string[]) {
  const port = await freePort()
  const files = ['--files-listen', `127.0.0.1:${port}`, '--files-url', `https://127.0.0.1:${port}`]
  const kubeconfig = join(await temporaryFolder(), 'kubeconfig')
  await writeFile(kubeconfig, kube.kubeconfig)
  const access = ['--kubernetes', '--kubeconfig', kubeconfig]
  return startAgent(await temporaryFolder(), '--join', hub.token, ...access, ...files, ...args)
}

test('a version becomes pods that fetch it, prove it and serve it; a wrong one fails by its golden cases', async () => {
  await using kube = await startKubeApi({ isSecure: true })
  await using nodes = await startKubeNodes(kube)
  await using hub = await startFakeHub()
  await using agent = await startClusterAgent(hub, kube)
  await agent.logged('cluster_connected')
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  const url = nodes.reach('skerry-m')
  expect(await infer(String(url))).toMatchObject({ status: 200, value: 2 })

  hub.desire(hub.publish({ version: 2, files: { ...timesFiles(3), 'golden.json': timesGolden(4) } }))
  const failed = await hub.item('m', ({ state }) => state === 'failed')
  expect(failed).toMatchObject({ cause: { code: 'golden_mismatch' }, serving: { version: 1 } })
  await until(() => kube.objects('Deployment').length === 1, { what: 'only the Deployment of version 1' })
  expect(await infer(String(nodes.reach('skerry-m')))).toMatchObject({ status: 200, value: 2 })

  hub.desire()
  await until(
    () => ['Deployment', 'Service', 'Secret', 'PodDisruptionBudget'].every((kind) => kube.objects(kind).length === 0),
    {
      what: 'no object is left',
    },
  )
})
