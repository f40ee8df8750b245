import { expect, test } from 'vitest'
import { siteRollouts } from '../../src/sites/site-rollouts.ts'
import { startTestHub } from '../stage/running-hub.ts'
import { openFleet } from '../stage/simulated-fleet.ts'

test('what is under way at a site, with how its own devices fare in it, and nothing that has ended', async () => {
  await using fleet = await openFleet()
  const oslo = await fleet.addDevices(2, { site: 'oslo' })
  await fleet.addDevices(3, { site: 'bergen' })
  await fleet.addVersion('sensor', 1)
  await fleet.apply({ version: '1' })
  await fleet.report(oslo.slice(0, 1), () => 'active')
  const at = async (name: string) => {
    const { id } = await fleet.store.db
      .selectFrom('sites')
      .select('id')
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    return siteRollouts(fleet.store.db, fleet.organisationId, id)
  }
  const { id } = await fleet.rollout()
  expect(await at('oslo')).toMatchObject([{ rollout: { id, status: 'rolling' }, counts: { healthy: 1, offered: 1 } }])
  expect(await at('bergen')).toMatchObject([{ rollout: { id }, counts: { healthy: 0, offered: 3 } }])
  await fleet.report(fleet.devices, () => 'active')
  expect([(await fleet.rollout()).status, await at('oslo')]).toEqual(['done', []])
})

test('a site that is not there has no rollouts, and one without devices has none', async () => {
  await using hub = await startTestHub()
  await hub.ask('PUT', '/v1/sites/kiel', { body: { kind: 'edge' } })
  expect((await hub.ask('GET', '/v1/sites/kiel/rollouts')).body).toEqual({ rows: [] })
  expect((await hub.ask('GET', '/v1/sites/nowhere/rollouts')).body).toMatchObject({ code: 'site_unknown' })
})
