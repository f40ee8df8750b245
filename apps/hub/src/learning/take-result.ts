/**
 * Take result: a learned detector becomes ordinary signed versions: a model with golden cases, reference profile and its
 * explanation, and a flow that raises its alarm. A result that comes again finds the same versions.
 */

import { Flow } from '@skerry/contract/flows/flow'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { Learning, LearningOutcome, LearningSpec } from '@skerry/contract/learning/learning'
import { isLearningOver } from '@skerry/contract/learning/learning'
import type { LearningReply, LearningResult } from '@skerry/contract/learning/result'
import type { PushReply } from '@skerry/contract/models/model'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { LearningId } from '@skerry/contract/values/ids'
import { alarmFlow, alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { findRules } from '../approvals/approval-store.ts'
import { appendAudit } from '../audit/audit-store.ts'
import { storeBlob } from '../campaigns/campaign-blobs.ts'
import type { AuditNote } from '../http/call.ts'
import { isProblem, type Problem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type PushCall, pushModel } from '../models/push-model.ts'
import { saveProfile } from '../monitors/monitor-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { deployLearned } from './deploy-learned.ts'
import { endLearning, findLearningById, type LearningEnd } from './learning-store.ts'

export const HUB = { kind: 'hub', id: '', name: 'hub' } as const

/** Explains the detector: candidates, threshold and tags. It is signed with the version. */
const EXPLANATION_PATH = 'learning.json'

type Taken = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  learning: LearningId
  result: LearningResult
}

export async function takeResult(hub: Hub, { device, learning, result }: Taken): Promise<LearningReply> {
  const row = await findLearningById(hub.store.db, learning)
  if (row?.organisation_id !== device.organisation_id || row.device_id !== device.id) throw problem('learning_unknown')
  if (isLearningOver(row.phase)) return { taken: false, reason: `the learning is ${row.phase}` }
  const { outcome } = result
  const end = await endOf(hub, row, result)
  await hub.store.transaction(async (tx) => {
    if (!(await endLearning(tx, row.id, { ...end, outcome, nowMs: hub.clock.nowMs() }))) return
    await recordEnd(tx, hub, row, end)
  })
  hub.bus.publish('audit.appended', row.organisation_id)
  hub.bus.publish('learning.ordered', row.device_id)
  hub.bus.publish('learning.changed', row.organisation_id)
  return { taken: true }
}

type End = Omit<LearningEnd, 'nowMs' | 'outcome'>

async function endOf(hub: Hub, row: LearningTable, { outcome, detector }: LearningResult): Promise<End> {
  if (!detector) {
    const [first] = outcome.findings
    const reason = first ? `${first.code}: ${first.message}` : 'the device learned no detector'
    return { phase: 'refused', reason }
  }
  try {
    return { phase: 'done', ...(await publish(hub, row, outcome, detector)) }
  } catch (error) {
    // A rejection by the hub's own rules stays: a person must act. Otherwise the device sends the result again.
    if (!isLasting(error)) throw error
    return { phase: 'refused', reason: error.message.slice(0, 1_000) }
  }
}

const isLasting = (error: unknown): error is Problem => isProblem(error) && error.status < 500 && error.status !== 429

async function recordEnd(tx: Tx, hub: Hub, row: LearningTable, { phase, reason, modelVersion }: End): Promise<void> {
  const message = reason ?? `it published version ${modelVersion} of ${row.name}`
  await appendAudit(tx, {
    organisationId: row.organisation_id,
    atMs: hub.clock.nowMs(),
    actor: HUB,
    action: 'learning.ended',
    object: { kind: 'learning', id: row.name },
    result: 'ok',
    detail: { phase, message, ...(modelVersion !== undefined && { version: modelVersion }) },
  })
}

type Detector = NonNullable<LearningResult['detector']>

async function publish(hub: Hub, row: LearningTable, outcome: LearningOutcome, detector: Detector) {
  const spec = fromJson(row.spec)
  const model = await pushDetector(hub, row, outcome, detector)
  const modelVersion = model.version.version
  await keepProfile(hub, row, { version: modelVersion, outcome, detector })
  const flowVersion = (await pushAlarm(hub, row, spec)).version.version
  const versions = { modelVersion, flowVersion }
  const reason = spec.result === 'deploy' ? await deployIfAllowed(hub, row, versions) : undefined
  return { ...versions, ...(reason !== undefined && { reason }) }
}

const TWO_PEOPLE = 'published, and not deployed: your organisation asks for two people to deploy; deploy the versions'

/** The reason why the versions are published only. The rules may have changed while the device learned. */
async function deployIfAllowed(
  hub: Hub,
  row: LearningTable,
  versions: { modelVersion: number; flowVersion: number },
): Promise<string | undefined> {
  if ((await findRules(hub.store.db, row.organisation_id)).deployments !== undefined) return TWO_PEOPLE
  try {
    await deployLearned(hub, row, versions)
    return undefined
  } catch (error) {
    if (!isLasting(error)) throw error
    return `published, and not deployed: ${error.message}`.slice(0, 1_000)
  }
}

const callOf = (hub: Hub, row: LearningTable): PushCall => ({
  hub,
  organisationId: row.organisation_id,
  scope: undefined,
  caller: { name: row.created_by },
  change: (work) => changeAsHub(hub, row, work),
})

/** The record names the hub as the actor: nobody called. */
async function changeAsHub<T>(hub: Hub, row: LearningTable, work: (tx: Tx, note: AuditNote) => Promise<T>): Promise<T> {
  const done = await hub.store.transaction(async (tx) => {
    const note: AuditNote = { object: { kind: 'model', id: row.name }, detail: {} }
    const result = await work(tx, note)
    await appendAudit(tx, {
      organisationId: row.organisation_id,
      atMs: hub.clock.nowMs(),
      actor: HUB,
      action: 'model.push',
      object: note.object,
      result: 'ok',
      detail: { ...note.detail, learning: row.name },
    })
    return result
  })
  hub.bus.publish('audit.appended', row.organisation_id)
  return done
}

async function pushDetector(
  hub: Hub,
  row: LearningTable,
  outcome: LearningOutcome,
  { model, golden }: Detector,
): Promise<PushReply> {
  const spec = fromJson(row.spec)
  const organisationId = row.organisation_id
  const explanation: Pick<Learning, 'id' | 'spec' | 'outcome'> = { id: row.id, spec, outcome }
  const held = (bytes: Uint8Array) => storeBlob(hub, { organisationId, bytes }, async (_tx, blob) => blob.digest)
  const digest = await held(Buffer.from(model, 'base64'))
  using _model = hub.blobGuard.pin([digest])
  const explained = await held(Buffer.from(canonicalJson(explanation)))
  return pushModel(callOf(hub, row), {
    name: row.name,
    files: [
      { path: MODEL_PATH, digest },
      { path: EXPLANATION_PATH, digest: explained },
    ],
    golden,
    labels: { learning: row.name, detector: outcome.chosen ?? 'unknown' },
    lineage: { parents: [], tool: 'skerry learn', notes: notesOf(spec, outcome) },
    aliases: [],
  })
}

/** Signed with the version, so that nobody can change it later. */
function notesOf({ device, source, tags, falseAlarmDays }: LearningSpec, outcome: LearningOutcome): string {
  const best = outcome.candidates.find(({ kind }) => kind === outcome.chosen)
  return [
    `learned by ${device} from ${outcome.rows} rows of ${source}: ${tags.join(', ')}`,
    `threshold for one false alarm in ${falseAlarmDays} days`,
    ...(best ? [`AUC ${best.auc.toFixed(3)} over planted faults`] : []),
  ]
    .join('; ')
    .slice(0, 2_000)
}

type Profiled = { version: number; outcome: LearningOutcome; detector: Detector }

async function keepProfile(
  hub: Hub,
  row: LearningTable,
  { version, outcome, detector: { profile: features } }: Profiled,
): Promise<void> {
  if (!features || features.length === 0) return
  const profile: ReferenceProfile = {
    v: 1,
    model: row.name,
    version,
    origin: 'data-set',
    rows: Math.max(1, outcome.rows),
    features,
    left: 0,
  }
  await hub.store.transaction(async (tx) => {
    const made = await tx
      .selectFrom('versions')
      .select('id')
      .where('organisation_id', '=', row.organisation_id)
      .where('name', '=', row.name)
      .where('version', '=', version)
      .executeTakeFirstOrThrow()
    await saveProfile(tx, {
      version_id: made.id,
      organisation_id: row.organisation_id,
      digest: digestOf(canonicalJson(profile)),
      profile: toJson(profile),
      made_at_ms: hub.clock.nowMs(),
      made_by: row.created_by,
    })
  })
  hub.bus.publish('monitors.changed', row.organisation_id)
}

async function pushAlarm(hub: Hub, row: LearningTable, spec: LearningSpec): Promise<PushReply> {
  const flow = Flow.parse(alarmFlow(spec))
  const bytes = Buffer.from(canonicalJson(flow))
  const digest = await storeBlob(hub, { organisationId: row.organisation_id, bytes }, async (_tx, blob) => blob.digest)
  return pushModel(callOf(hub, row), {
    name: alarmFlowName(row.name),
    files: [{ path: FLOW_PATH, digest }],
    labels: { learning: row.name },
    lineage: { parents: [], tool: 'skerry learn', notes: `the alarm of the detector ${row.name}` },
    aliases: [],
  })
}
