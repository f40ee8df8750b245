import type { HeldLearnings } from '@skerry/contract/held/learnings'
import { LearningSpec } from '@skerry/contract/learning/learning'
import { LearningId } from '@skerry/contract/values/ids'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFleet, type SimulatedFleet } from '../../test/stage/simulated-fleet.ts'
import { toJson } from '../store/json-column.ts'
import { isProgressNews, keepProgress } from './device-learnings.ts'
import { beginShadow, findLearningById, insertLearning } from './learning-store.ts'

const LEARNING = LearningId.parse('lrn_abcdefgh234567')
const OUTCOME = { rows: 100, startedAtMs: 1, endedAtMs: 2, candidates: [], tags: [], findings: [] }
const SHADOW = { rows: 10, rowsWanted: 60, windows: 3, alarms: 0, first: [] }

let fleet: SimulatedFleet
beforeEach(async () => {
  fleet = await openFleet()
})
afterEach(() => fleet[Symbol.asyncDispose]())

async function startLearning() {
  const [device] = await fleet.addDevices(1)
  if (!device) throw new Error('no device')
  const { organisationId } = fleet
  const spec = LearningSpec.parse({ name: 'pump', device: 'line-1', source: 'plc', tags: ['bar'], shadowSeconds: 60 })
  const row = {
    id: LEARNING,
    organisation_id: organisationId,
    name: 'pump',
    device_id: device.id,
    spec: toJson(spec),
    phase: 'collect' as const,
    seed: 1,
    rows: 0,
    reason: null,
    outcome: null,
    model_version: null,
    flow_version: null,
    created_at_ms: fleet.clock.ms,
    created_by: 'ada',
    ended_at_ms: null,
  }
  await fleet.store.transaction((tx) => insertLearning(tx, row))
  return { organisationId, deviceId: device.id }
}

const heldWith = (progress: Omit<HeldLearnings['progress'][number], 'learning' | 'atMs'>): HeldLearnings => ({
  progress: [{ learning: LEARNING, atMs: 1, ...progress }],
})

test('the figures of a shadow are kept, and a device that begins again does not take them back', async () => {
  const place = await startLearning()
  const { db } = fleet.store
  const keep = (held: HeldLearnings) => fleet.store.transaction((tx) => keepProgress(tx, place, held))
  const current = async () => {
    const row = await findLearningById(db, LEARNING)
    return [row?.phase, row?.rows, row?.outcome && JSON.parse(row.outcome).shadow]
  }
  const tried = heldWith({ phase: 'shadow', rows: 100, shadow: SHADOW })
  expect(await isProgressNews(db, place, tried)).toBe(false)
  await fleet.store.transaction((tx) =>
    beginShadow(tx, LEARNING, { outcome: OUTCOME, modelVersion: 1, flowVersion: 1 }),
  )
  expect(await isProgressNews(db, place, tried)).toBe(true)
  await keep(tried)
  expect(await current()).toEqual(['shadow', 100, SHADOW])
  expect(await isProgressNews(db, place, tried)).toBe(false)
  await keep(heldWith({ phase: 'collect', rows: 0 }))
  expect(await current()).toEqual(['shadow', 100, SHADOW])
  await keep(heldWith({ phase: 'shadow', rows: 100, shadow: { ...SHADOW, alarms: 2 } }))
  expect(await current()).toEqual(['shadow', 100, { ...SHADOW, alarms: 2 }])
})
