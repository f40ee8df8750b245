import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { Digest } from '@skerry/contract/values/digest'
import { CampaignId, DeviceId, OrganisationId, VersionId } from '@skerry/contract/values/ids'
import { beginCourse } from '@skerry/core/campaigns/course'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { toJson } from '../../store/json-column.ts'
import { openSqliteStore } from '../../store/sqlite-store.ts'
import type { Store } from '../../store/store.ts'
import { insertCampaign } from '../campaign-store.ts'
import { insertParticipants, participantsOf, saveReport } from '../participant-store.ts'
import { changedDevices, dataCounts, earlierVersions, noteJoined } from './data-store.ts'

const campaign = CampaignId.parse(`cmp_${'a'.repeat(20)}`)
const organisation_id = OrganisationId.parse(`org_${'a'.repeat(20)}`)
const [one, two, old] = ['a', 'b', 'c'].map((letter) => DeviceId.parse(`dev_${letter.repeat(20)}`)) as [
  DeviceId,
  DeviceId,
  DeviceId,
]
const [FIRST, SECOND] = ['1'.repeat(64), '2'.repeat(64)]

let folder: string
let store: Store
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-data-store-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 0)
  if (!opened.ok) throw new Error(opened.message)
  store = opened.store
  await store.transaction(async (tx) => {
    await tx.insertInto('organisations').values({ id: organisation_id, name: 'clinic', created_at_ms: 0 }).execute()
    const spec = CampaignSpec.parse({
      name: 'ward',
      model: 'digits',
      data: { name: 'digits', shape: [4], classes: 3 },
      rounds: 3,
    })
    const weights_digest = Digest.parse(`sha256:${'0'.repeat(64)}`)
    const blobs = { weights_digest, training_digest: weights_digest, evaluation_digest: weights_digest }
    await insertCampaign(tx, {
      id: campaign,
      organisation_id,
      name: spec.name,
      spec: toJson(spec),
      base_version_id: VersionId.parse(`ver_${'a'.repeat(20)}`),
      base_version: 1,
      course: toJson(beginCourse(spec, weights_digest, 0)),
      phase: 'train',
      ...blobs,
      training_bytes: 1,
      evaluation_bytes: 1,
      parameters: toJson([]),
      elements: 1,
      moments_digest: null,
      personal_digest: null,
      personal_parameters: null,
      survey: null,
      survey_result: null,
      created_at_ms: 0,
      created_by: 'anna',
      ended_at_ms: null,
    })
  })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

type Trained = { device: DeviceId; data?: string; state?: 'rejected' }

/** The reports of an attempt. The device `old` reports no data. */
const attemptWith = (place: { round: number; attempt: number }, trained: readonly Trained[]) =>
  store.transaction(async (tx) => {
    const devices = [one, two, old].map((id) => ({ id, name: id }))
    await insertParticipants(tx, { id: campaign, organisation_id }, { ...place, devices, nowMs: 0 })
    for (const { device, data, state = 'counted' as const } of trained) {
      const outcome = data === undefined ? {} : { data: { fingerprint: data, rows: 20 } }
      const report = { state, outcome, update: undefined, nowMs: 0 }
      await saveReport(tx, { campaign, ...place }, device, report)
    }
  })

test('the data of a round is compared with the newest training before, and an attempt that was repeated joins nothing', async () => {
  await attemptWith({ round: 1, attempt: 1 }, [
    { device: one, data: FIRST },
    { device: two, data: FIRST },
    { device: old },
  ])
  await store.transaction((tx) => noteJoined(tx, { campaign, round: 1, attempt: 1 }))
  // The second device does not train in round 2, and the first one trains twice.
  await attemptWith({ round: 2, attempt: 1 }, [{ device: one, data: FIRST }])
  await attemptWith({ round: 2, attempt: 2 }, [{ device: one, data: SECOND }])
  await store.transaction((tx) => noteJoined(tx, { campaign, round: 2, attempt: 2 }))
  await attemptWith({ round: 3, attempt: 1 }, [
    { device: one, data: SECOND },
    { device: two, data: SECOND, state: 'rejected' },
    { device: old },
  ])
  await store.transaction((tx) => noteJoined(tx, { campaign, round: 3, attempt: 1 }))
  expect([...(await earlierVersions(store.db, { campaign, round: 1 }))]).toEqual([])
  expect([...(await earlierVersions(store.db, { campaign, round: 2 }))]).toEqual([
    [one, { fingerprint: FIRST, rows: 20, round: 1 }],
  ])
  expect(await earlierVersions(store.db, { campaign, round: 3 })).toEqual(
    new Map([
      [one, { fingerprint: SECOND, rows: 20, round: 2 }],
      [two, { fingerprint: FIRST, rows: 20, round: 1 }],
    ]),
  )
  const changed = await store.transaction(async (tx) =>
    changedDevices(tx, await participantsOf(tx, { campaign, round: 3, attempt: 1 })),
  )
  expect(changed).toBe(1)
  // The weights of round 1 know one version of each device. The rejected update and attempt 1 of round 2 are in none.
  expect(await dataCounts(store.db, campaign, 1)).toEqual({ versions: 2, devices: 2, unknown: 1 })
  expect(await dataCounts(store.db, campaign, 3)).toEqual({ versions: 3, devices: 2, unknown: 1 })
})
