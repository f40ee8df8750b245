/**
 * Two devices of a federated order send their last results at the same moment: the order is joined once, and ends with one
 * version, one alarm and one deployment of each. On PostgreSQL, each result comes to a hub of its own.
 */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LearningOutcome, LearningSpec } from '@skerry/contract/learning/learning'
import { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import type { LearningResult } from '@skerry/contract/learning/result'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type JointPart, jointModelOf, ownWeightsOf } from '@skerry/onnx/learn/joint'
import { rounds } from '@skerry/testkit/tier'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findLearningFleet, insertLearningFleet } from '../../src/learning/fleet/fleet-store.ts'
import { sweepTogether } from '../../src/learning/fleet/together/advance-together.ts'
import { textOfPart } from '../../src/learning/fleet/together/numbers.ts'
import { togetherIn } from '../../src/learning/fleet/together/together-store.ts'
import { insertLearning } from '../../src/learning/learning-store.ts'
import { takeResult } from '../../src/learning/take-result.ts'
import { toJson } from '../../src/store/json-column.ts'
import { addDevices, type FleetDevice } from '../stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { databaseUrlFor } from '../stage/test-database.ts'

const TAGS = ['bar', 'amp']
const SAMPLES = 4
const WIDTH = 3 * TAGS.length
const ROWS = 200

/** An interleaving is a matter of chance. */
const ORDERS = ['first', 'second', 'third'].slice(0, rounds({ quick: 1, deep: 3 }))

let folder: string
/** The same hub twice on SQLite, which one hub has for itself. */
let hubs: [TestHub, TestHub]
let organisationId: OrganisationId
let devices: FleetDevice[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-learning-race-'))
  const databaseUrl = await databaseUrlFor(folder)
  const start = async (name: string, ownerKey?: string) => {
    for (const shared of ['blobs', 'secrets']) await mkdir(join(folder, shared), { recursive: true, mode: 0o700 })
    await mkdir(join(folder, name))
    await symlink(join(folder, 'blobs'), join(folder, name, 'blobs'))
    const secrets = join(folder, 'secrets')
    return startTestHub({ data: join(folder, name), databaseUrl, secrets, ...(ownerKey && { ownerKey }) })
  }
  const one = await start('one')
  hubs = [one, databaseUrl === undefined ? one : await start('other', one.ownerKey)]
  const { store, ids, clock } = one.hub
  organisationId = (await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()).id
  devices = await addDevices({ store, ids, organisationId, clock: { ms: clock.nowMs() }, devices: [] }, 2, {})
})

afterAll(async () => {
  for (const hub of new Set(hubs)) await hub[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Features that do not move together. */
const PART: JointPart = {
  rows: ROWS,
  covariance: Float32Array.from(
    Array.from({ length: WIDTH }, (_, row) => Array.from({ length: row + 1 }, (_, at) => Number(at === row))).flat(),
  ),
  units: new Float32Array(TAGS.length + WIDTH).fill(1),
}

const OUTCOME: LearningOutcome = {
  rows: ROWS,
  startedAtMs: 1,
  endedAtMs: 2,
  candidates: [],
  tags: TAGS.map((tag) => ({ tag, median: 1, spread: 1, usualShare: 0.5 })),
  findings: [],
}

/** The judgement of a device with this level. */
function judgement(level: number): LearningResult {
  const length = ownWeightsOf(TAGS.length).reduce((sum, { elements }) => sum + elements, 0)
  const own = Float32Array.from({ length }, (_, at) => (at < TAGS.length ? level : 1))
  const { model } = jointModelOf({ joint: PART, own, samples: SAMPLES, tags: TAGS })
  return {
    outcome: { ...OUTCOME, chosen: 'joint' },
    detector: { model: Buffer.from(model).toString('base64'), golden: { cases: [] } },
  }
}

/** An order of both devices, which have the rows. */
async function startOrder(name: string) {
  const { store, ids, clock } = hubs[0].hub
  const recipe = { source: 'plc', tags: TAGS, samples: SAMPLES, shadowSeconds: 0, result: 'deploy' as const }
  const order = {
    id: ids.learningFleet(),
    organisation_id: organisationId,
    name,
    spec: toJson(LearningFleetSpec.parse({ ...recipe, name, selector: 'true', federated: true })),
    left_out: toJson([]),
    together: toJson({ campaign: ids.campaign() }),
    created_at_ms: clock.nowMs(),
    created_by: 'ada',
  }
  const rows = devices.map((device) => ({
    id: ids.learning(),
    organisation_id: organisationId,
    name: `${name}-${device.name}`,
    device_id: device.id,
    spec: toJson(LearningSpec.parse({ ...recipe, name: `${name}-${device.name}`, device: device.name })),
    phase: 'train' as const,
    seed: 1,
    rows: ROWS,
    reason: null,
    outcome: null,
    model_version: null,
    flow_version: null,
    created_at_ms: clock.nowMs(),
    created_by: 'ada',
    ended_at_ms: null,
    fleet_id: order.id,
  }))
  await store.transaction(async (tx) => {
    await insertLearningFleet(tx, order)
    for (const row of rows) await insertLearning(tx, row)
  })
  /** Each device to a hub of its own, at once; each result comes twice, as after a lost answer. */
  return (results: readonly LearningResult[]) =>
    Promise.all(
      rows.flatMap(({ id, device_id }, at) => {
        const device = { id: device_id, organisation_id: organisationId, name: devices[at]?.name ?? '' }
        const result = results[at] as LearningResult
        return hubs.map(({ hub }) => takeResult(hub, { device, learning: id, result }))
      }),
    )
}

const orderNow = async (name: string) => {
  const found = await findLearningFleet(hubs[0].hub.store.db, { organisationId, name })
  return found && togetherIn(found)
}

type Page = { rows: { action: string; object: { id: string } }[] }

const versionsOf = async (name: string) => (await hubs[1].ask<Page>('GET', `/v1/models/${name}/versions`)).body.rows

async function recordsOf(action: string, name: string) {
  const { body } = await hubs[1].ask<Page>('GET', '/v1/audit?limit=500')
  return body.rows.filter((row) => row.action === action && row.object.id === name)
}

test('two last results at the same moment give one version, one alarm and one deployment of each', async () => {
  for (const name of ORDERS) {
    const send = await startOrder(name)
    const parts = devices.map(() => ({ outcome: OUTCOME, part: textOfPart(PART) }))
    expect(await send(parts)).toEqual(Array.from({ length: 4 }, () => ({ taken: true })))
    expect(await orderNow(name)).toMatchObject({ devices: 2, rows: 2 * ROWS })

    const replies = await send([judgement(80), judgement(300)])
    expect(replies.filter(({ taken }) => taken).length).toBeGreaterThanOrEqual(2)
    // A sweep of each hub finds nothing to do.
    await Promise.all(hubs.map(({ hub }) => sweepTogether(hub)))

    expect(await orderNow(name)).toEqual({
      campaign: expect.any(String),
      devices: 2,
      rows: 2 * ROWS,
      modelVersion: 1,
      flowVersion: 1,
    })
    for (const deployable of [name, `${name}-alarm`]) {
      expect(await versionsOf(deployable)).toHaveLength(1)
      expect(await recordsOf('deployment.apply', deployable)).toHaveLength(1)
    }
    for (const device of devices) expect(await recordsOf('learning.ended', `${name}-${device.name}`)).toHaveLength(1)
  }
})
