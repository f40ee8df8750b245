import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { listAudit } from '../audit/audit-store.ts'
import { duplicateOf, recordDuplicate } from './duplicate-store.ts'

const MINUTE_MS = 60_000

let fleet: SimulatedFleet
let device: {
  id: SimulatedFleet['devices'][number]['id']
  organisation_id: SimulatedFleet['organisationId']
  name: string
}
beforeEach(async () => {
  fleet = await openFleet()
  const [added] = await fleet.addDevices(1)
  if (!added) throw new Error('no device')
  device = { id: added.id, organisation_id: fleet.organisationId, name: 'twin' }
})
afterEach(() => fleet[Symbol.asyncDispose]())

const attempt = (minute: number, other: string) =>
  fleet.store.transaction((tx) =>
    recordDuplicate(tx, { device, kept: '10.0.0.1', other, nowMs: fleet.clock.ms + minute * MINUTE_MS }),
  )
const othersOnRecord = async () => {
  const query = { organisationId: fleet.organisationId, action: 'device.duplicated', limit: 1_000 }
  return (await listAudit(fleet.store.db, query)).map(({ detail }) => detail.other)
}

test('a copy that comes from two addresses in turn is at most a record in ten minutes, and each try is counted', async () => {
  for (let minute = 0; minute < 240; minute++) await attempt(minute, minute % 2 ? 'here' : 'there')
  const count = (await othersOnRecord()).length
  expect(count).toBeGreaterThan(4)
  expect(count).toBeLessThanOrEqual(24)
  const { duplicate } = await duplicateOf(fleet.store.db, device.id, fleet.clock.ms + 240 * MINUTE_MS)
  expect(duplicate).toMatchObject({ other: 'here', times: 240 })
})

test('a copy that stays at one address is a record an hour; another address is one after ten minutes', async () => {
  for (let minute = 0; minute <= 60; minute++) await attempt(minute, 'here')
  expect(await othersOnRecord()).toEqual(['here', 'here'])
  for (let minute = 61; minute <= 75; minute++) await attempt(minute, 'there')
  expect(await othersOnRecord()).toEqual(['here', 'here', 'there'])
})

test('a clock that has been set back by a day stops no record', async () => {
  await attempt(1_440, 'here')
  for (let minute = 0; minute < 10; minute++) await attempt(minute, 'here')
  expect(await othersOnRecord()).toHaveLength(2)
})
