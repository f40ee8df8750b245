/**
 * A narrower selector, on real devices. A device that loses its model serves until the others are healthy, and a
 * rollback keeps the model there.
 * @module-tag deep A journey of six rollouts; apps/hub/src/rollouts/engine/engine-removal.test.ts decides it, and apps/agent/test/fetching drains.
 */
import { problemOf } from '@skerry/client/problem'
import { expect, test } from 'vitest'
import { askAnomaly, deploy, MODEL, pushBuild } from './stage/anomaly.ts'
import { type Fleet, type FleetAgent, openFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

const V1 = { version: 1, build: 'v1' }
const V2 = { version: 2, build: 'v2' }
const GERMAN = 'site.country == "DE"'

/** Version 2 serves at Hamburg and Lyon. */
async function openServing() {
  const fleet = await openFleet()
  const hamburg = await fleet.join('hamburg-1', 'hamburg')
  const lyon = await fleet.join('lyon-1', 'lyon')
  await fleet.hub.client.site.apply({ name: 'hamburg', kind: 'edge', country: 'DE' })
  await fleet.hub.client.site.apply({ name: 'lyon', kind: 'edge', country: 'FR' })
  await pushBuild(fleet, 'v1')
  await pushBuild(fleet, 'v2')
  await deploy(fleet, 2)
  for (const { name } of [hamburg, lyon]) await fleet.item(name, ({ state }) => state === 'active')
  return { fleet, hamburg, lyon }
}

const rolloutStands = (fleet: Fleet, status: string) =>
  until(`a rollout that is ${status}`, async () => {
    const { rolloutId } = await fleet.hub.client.deployment.get({ deployment: MODEL })
    const rollout = await fleet.hub.client.rollout.get({ rollout: rolloutId })
    return rollout.status === status ? rollout : undefined
  })

const hasNothing = (fleet: Fleet, { name }: FleetAgent) =>
  until(`no model on ${name}`, async () => ((await fleet.device(name)).items.length === 0 ? true : undefined))

const isAt = (version: number) => (item: { state: string; target: { version: number } }) =>
  item.state === 'active' && item.target.version === version

test('a removal needs a confirmation and reaches devices last, and a rollback restores the model', async () => {
  const { fleet, hamburg, lyon } = await openServing()
  await using _ = fleet
  const narrow = ['deploy', `${MODEL}:1`, '--to', GERMAN, '--canary', '1', '--soak', '60s']
  const asked = await fleet.cli(narrow)
  expect(asked.code).toBe(2)
  expect(asked.err).toContain(`remove ${MODEL} from 1 device: lyon-1`)
  const { spec } = await fleet.hub.client.deployment.get({ deployment: MODEL })
  const unseen = await fleet.hub.client.deployment.apply({ ...spec, selector: GERMAN }).catch(problemOf)
  expect(unseen).toMatchObject({ code: 'leaves_unacknowledged', message: expect.stringContaining('lyon-1') })
  const told = await fleet.cli([...narrow, '--yes'])
  expect(told).toMatchObject({ code: 0, err: expect.stringContaining('version 2 → 1') })
  await fleet.item(hamburg.name, isAt(1))
  expect(await askAnomaly(hamburg.url)).toEqual(V1)
  expect(await askAnomaly(lyon.url), 'it serves while the canary soaks').toEqual(V2)
  expect(await fleet.cli(['rollout', 'rollback', MODEL, '--reason', 'a mistake', '--yes'])).toMatchObject({ code: 0 })
  await fleet.item(hamburg.name, isAt(2))
  expect(await askAnomaly(lyon.url)).toEqual(V2)
  expect(await fleet.cli(['deploy', MODEL, '--to', GERMAN, '--soak', '0s', '--yes'])).toMatchObject({ code: 0 })
  await hasNothing(fleet, lyon)
  await rolloutStands(fleet, 'done')
  expect(await askAnomaly(hamburg.url), 'a version that is not written stays').toEqual(V1)
  const empty = ['deploy', MODEL, '--to', 'site.country == "XX"']
  expect((await fleet.cli(empty)).err).toContain('the selector picks no device: hamburg-1')
  expect(await fleet.cli([...empty, '--yes'])).toMatchObject({ code: 0 })
  await hasNothing(fleet, hamburg)
  const { out } = await fleet.cli(['alerts'])
  expect(out).toContain(`${MODEL} was removed from the last device of the deployment ${MODEL}`)
  expect(await fleet.cli(['rollout', 'rollback', MODEL, '--reason', 'a mistake', '--yes'])).toMatchObject({ code: 0 })
  await fleet.item(hamburg.name, isAt(1))
})
