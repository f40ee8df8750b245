/** Builds with real processes: a device serves a build of a version, and goes back to exactly what it had. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Build } from '@skerry/contract/builds/build'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { pushModel } from '../../examples/stage/push.ts'
import { caseOf, classifier } from './classifier.ts'

const NAME = 'classifier'
const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const

let folder: string
let hub: HubProgram
let agent: AgentProgram
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-builds-'))
  hub = await startHub(await newHubHome(folder))
  agent = await startAgent(hub, { site: SITE, device: 'press-1', folder })
  await pushModel(hub, { name: NAME, bytes: classifier, golden: { cases: [1, 2, 3, 4].map(caseOf) } })
})
afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function optimised(): Promise<readonly Build[]> {
  const { client } = hub
  const started = await client.optimisation.start({
    name: NAME,
    version: '1',
    recipes: ['dynamic-int8'],
    goal: { differenceMax: 2 },
  })
  await until(async () => {
    const { endedAtMs } = await client.optimisation.get({ optimisation: started.id })
    return endedAtMs !== undefined
  })
  return (await client.build.list({ name: NAME, version: '1' })).rows
}

/** Waits until the device serves the files of this digest, and the rollout is done. */
async function served(digest: string): Promise<void> {
  await until(async () => {
    const { items } = await hub.client.device.get({ device: 'press-1' })
    const [item] = items
    if (item?.state === 'failed') throw new Error(item.cause?.message)
    const { rolloutStatus } = await hub.client.deployment.get({ deployment: NAME })
    return item?.state === 'active' && item.serving?.digest === digest && rolloutStatus === 'done'
  })
}

test('a device serves the build that its deployment names, and a rollback returns to exactly that build', async () => {
  const { client } = hub
  const builds = await optimised()
  const chosen = builds.find(({ recipe }) => recipe === 'dynamic-int8')
  if (!chosen) throw new Error('no build was admitted')
  const spec = { name: NAME, deployable: NAME, version: '1', probation: { seconds: 0 } }
  await client.deployment.apply({ ...spec, build: 'dynamic-int8' })
  await served(chosen.digest)
  expect(await client.model.serving({ name: NAME })).toEqual({ rows: [{ version: 1, devices: 1 }] })
  expect((await client.model.getVersion({ name: NAME, version: '1' })).servingCount).toBe(1)

  await expect(client.build.remove({ build: chosen.id })).rejects.toMatchObject({ code: 'build_in_use' })
  await expect(client.deployment.apply({ ...spec, build: 'static-int8-minmax', name: 'other' })).rejects.toMatchObject({
    code: 'build_unknown',
  })

  const { digest, sizeBytes } = await client.model.getVersion({ name: NAME, version: '1' })
  expect(await client.deployment.plan(spec)).toMatchObject({ change: 'update', bytes: sizeBytes })
  await client.deployment.apply(spec)
  await served(digest)
  const back = await client.deployment.plan({ ...spec, build: 'dynamic-int8' })
  expect(back).toMatchObject({ bytes: chosen.sizeBytes, bytesPerDevice: chosen.sizeBytes })
  const { deployment } = await client.deployment.rollback({ deployment: NAME })
  expect(deployment.spec.build).toBe(chosen.id)
  await served(chosen.digest)
})
