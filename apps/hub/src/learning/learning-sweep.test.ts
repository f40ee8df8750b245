import { LEARNED_ROWS_MAX, LearningSpec } from '@skerry/contract/learning/learning'
import { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { CampaignId, LearningFleetId, LearningId } from '@skerry/contract/values/ids'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { deleteDevice } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import { toJson } from '../store/json-column.ts'
import { findLearningFleet, insertLearningFleet } from './fleet/fleet-store.ts'
import { sweepTogether } from './fleet/together/advance-together.ts'
import { cancelTogether, findPart, savePart, togetherIn } from './fleet/together/together-store.ts'
import { findLearning, insertLearning, saveProgress } from './learning-store.ts'
import { cancelOrphaned } from './learning-sweep.ts'

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

type Device = SimulatedFleet['devices'][number]

async function startOn(device: Device, name: string, letter: string, order?: LearningFleetId): Promise<void> {
  const spec = LearningSpec.parse({ name, device: 'line-1', source: 'plc', tags: ['bar'] })
  const row = {
    id: LearningId.parse(`lrn_abcdefgh${letter}`),
    organisation_id: fleet.organisationId,
    name,
    device_id: device.id,
    spec: toJson(spec),
    phase: 'collect' as const,
    seed: 1,
    rows: 5,
    reason: null,
    outcome: null,
    model_version: null,
    flow_version: null,
    created_at_ms: fleet.clock.ms,
    created_by: 'ada',
    ended_at_ms: null,
    ...(order && { fleet_id: order }),
  }
  await fleet.store.transaction((tx) => insertLearning(tx, row))
}

test('a number of rows that no learning has does not overflow the column', async () => {
  const [device] = await fleet.addDevices(1)
  if (!device) throw new Error('no device')
  await startOn(device, 'pump', 'a')
  const { organisationId } = fleet
  const row = await findLearning(fleet.store.db, { organisationId, name: 'pump' })
  if (!row) throw new Error('no learning')
  const progress = { phase: 'collect' as const, rows: 2 ** 52, reason: null }
  await fleet.store.transaction((tx) => saveProgress(tx, row.id, progress))
  const after = await findLearning(fleet.store.db, { organisationId, name: 'pump' })
  expect(after?.rows).toBe(LEARNED_ROWS_MAX)
})

const phaseOf = async (name: string) => {
  const row = await findLearning(fleet.store.db, { organisationId: fleet.organisationId, name })
  return [row?.phase, row?.reason]
}

test('a learning of a removed device is cancelled with the reason, and others go on', async () => {
  const [gone, stays] = await fleet.addDevices(2)
  if (!gone || !stays) throw new Error('no device')
  await startOn(gone, 'of-gone', 'a')
  await startOn(stays, 'of-other', 'b')
  await fleet.store.transaction((tx) => deleteDevice(tx, gone.id))
  expect(await cancelOrphaned(fleet.hub)).toBe(1)
  expect(await phaseOf('of-gone')).toEqual(['cancelled', 'the device was removed'])
  expect(await phaseOf('of-other')).toEqual(['collect', null])
  expect(await cancelOrphaned(fleet.hub)).toBe(0)
})

/** A federated order with one device, which has sent its part. */
async function orderOn(device: Device, name: string, letter: string): Promise<LearningFleetId> {
  const spec = { name, selector: 'true', source: 'plc', tags: ['bar'], federated: true }
  const id = LearningFleetId.parse(`lfl_abcdefgh${letter}`)
  const row = {
    id,
    organisation_id: fleet.organisationId,
    name,
    spec: toJson(LearningFleetSpec.parse(spec)),
    left_out: toJson([]),
    together: toJson({ campaign: CampaignId.parse(`cmp_abcdefgh${letter}`) }),
    created_at_ms: fleet.clock.ms,
    created_by: 'ada',
  }
  await fleet.store.transaction((tx) => insertLearningFleet(tx, row))
  await startOn(device, `${name}-line`, letter, id)
  const learning = await learningOf(name)
  await fleet.store.transaction((tx) => savePart(tx, learning, { rows: 5, covariance: 'AAAA', units: 'AAAA' }))
  return id
}

async function learningOf(name: string) {
  const row = await findLearning(fleet.store.db, { organisationId: fleet.organisationId, name: `${name}-line` })
  if (!row) throw new Error('no learning')
  return row
}

async function reasonOf(name: string) {
  const found = await findLearningFleet(fleet.store.db, { organisationId: fleet.organisationId, name })
  return found && togetherIn(found)?.reason
}

test('a cancelled federated order is over, and its parts are gone', async () => {
  const [device] = await fleet.addDevices(1)
  if (!device) throw new Error('no device')
  const id = await orderOn(device, 'pump', 'a')
  await fleet.store.transaction((tx) => cancelTogether(tx, id, 'the tags are wrong'))
  expect(await reasonOf('pump')).toBe('cancelled: the tags are wrong')
  expect(await findPart(fleet.store.db, (await learningOf('pump')).id)).toBeUndefined()
  await sweepTogether(fleet.hub as unknown as Hub)
  expect(await reasonOf('pump')).toBe('cancelled: the tags are wrong')
})

test('a federated order that cannot be read does not stop the sweep of the others', async () => {
  const devices = await fleet.addDevices(2)
  const [first, second] = devices
  if (!first || !second) throw new Error('no device')
  const id = await orderOn(first, 'broken', 'a')
  await orderOn(second, 'pump', 'b')
  await fleet.store.transaction((tx) =>
    tx
      .updateTable('learning_fleets')
      .set({ spec: toJson(null as never) })
      .where('id', '=', id)
      .execute(),
  )
  const told: string[] = []
  const hub = Object.assign(Object.create(fleet.hub), { log: { error: (event: string) => told.push(event) } })
  await sweepTogether(hub as unknown as Hub)
  expect(told).toEqual(['learning_order_failed'])
  expect(await reasonOf('broken')).toBeUndefined()
  expect(await reasonOf('pump')).toContain('at least 2 devices')
})
