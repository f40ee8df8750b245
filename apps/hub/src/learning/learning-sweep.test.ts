import { LEARNED_ROWS_MAX, LearningSpec } from '@skerry/contract/learning/learning'
import { LearningId } from '@skerry/contract/values/ids'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { deleteDevice } from '../devices/device-store.ts'
import { toJson } from '../store/json-column.ts'
import { findLearning, insertLearning, saveProgress } from './learning-store.ts'
import { cancelOrphaned } from './learning-sweep.ts'

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

async function startOn(device: SimulatedFleet['devices'][number], name: string, letter: string): Promise<void> {
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
