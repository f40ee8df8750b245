/**
 * Take result: a learned detector becomes ordinary signed versions: a model with golden cases, reference profile and its
 * explanation, and a flow that raises its alarm. A result that comes again finds the same versions.
 */

import { Flow } from '@skerry/contract/flows/flow'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import {
  isLearningOver,
  LEARNED_TAGS_MAX,
  type Learning,
  type LearningOutcome,
  type LearningSpec,
  shadowRowsOf,
} from '@skerry/contract/learning/learning'
import type { LearningReply, LearningResult } from '@skerry/contract/learning/result'
import type { PushReply } from '@skerry/contract/models/model'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { LearningId } from '@skerry/contract/values/ids'
import { alarmFlow, alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { verdictOf } from '@skerry/core/learning/verdict'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { storeBlob } from '../campaigns/campaign-blobs.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { pushModel } from '../models/push-model.ts'
import { saveProfile } from '../monitors/monitor-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { callOfLearning, EXPLANATION_PATH } from './call-of-learning.ts'
import { deployIfWished, finishLearning, isLasting, SHADOW_UNABLE, takeShadow } from './finish-learning.ts'
import { takeTogether } from './fleet/together/take-together.ts'
import { federatedFleet } from './fleet/together/together-store.ts'
import { beginShadow, findLearningById, type LearningEnd, type LearningPublished } from './learning-store.ts'

type Taken = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  learning: LearningId
  result: LearningResult
}

export async function takeResult(hub: Hub, { device, learning, result }: Taken): Promise<LearningReply> {
  const row = await findLearningById(hub.store.db, learning)
  if (row?.organisation_id !== device.organisation_id || row.device_id !== device.id) throw problem('learning_unknown')
  if (isLearningOver(row.phase)) return { taken: false, reason: `the learning is ${row.phase}` }
  const judged = { ...result, outcome: withVerdict(result.outcome) }
  const federated = await federatedFleet(hub.store.db, row)
  if (federated) return takeTogether(hub, { ...federated, row, result: judged })
  if (row.phase === 'shadow') return takeShadow(hub, row, result)
  const end = await endOf(hub, row, judged)
  if (end.phase === 'shadow') return startShadow(hub, row, end.published)
  await finishLearning(hub, row, { ...end, outcome: judged.outcome })
  return { taken: true }
}

/** The hub judges by itself, so that the verdict does not depend on the agent. The device has sent fewer findings than fit. */
function withVerdict(outcome: LearningOutcome): LearningOutcome {
  const verdict = verdictOf(outcome)
  if (!verdict) return outcome
  return { ...outcome, findings: [verdict, ...outcome.findings].slice(0, 2 * LEARNED_TAGS_MAX) }
}

/** The device sends the result again when the shadow is over. */
async function startShadow(hub: Hub, row: LearningTable, published: LearningPublished): Promise<LearningReply> {
  const isBegun = await hub.store.transaction((tx) => beginShadow(tx, row.id, published))
  hub.bus.publish('learning.changed', row.organisation_id)
  return isBegun ? { taken: true, shadow: true } : { taken: false, reason: 'the learning is over' }
}

type Ended = Omit<LearningEnd, 'nowMs' | 'outcome'>
type End = Ended | { phase: 'shadow'; published: LearningPublished }

async function endOf(hub: Hub, row: LearningTable, { outcome, detector, canShadow }: LearningResult): Promise<End> {
  if (!detector) {
    const [first] = outcome.findings
    const reason = first ? `${first.code}: ${first.message}` : 'the device learned no detector'
    return { phase: 'refused', reason }
  }
  const { recording } = fromJson(row.spec)
  if (recording !== outcome.recording) return { phase: 'refused', reason: NO_RECORDING }
  try {
    const versions = await publish(hub, row, outcome, detector)
    const spec = fromJson(row.spec)
    const isShadowWished = shadowRowsOf(spec) > 0
    if (isShadowWished && canShadow === true) return { phase: 'shadow', published: { outcome, ...versions } }
    const reason = isShadowWished ? SHADOW_UNABLE : await deployIfWished(hub, row, { ...versions, outcome })
    return { phase: 'done', ...versions, ...(reason !== undefined && { reason }) }
  } catch (error) {
    // A rejection by the hub's own rules stays: a person must act. Otherwise the device sends the result again.
    if (!isLasting(error)) throw error
    return { phase: 'refused', reason: error.message.slice(0, 1_000) }
  }
}

/** Without the tags that the detector leaves out, because they were constant. */
const learnedTags = ({ tags }: LearningSpec, outcome: LearningOutcome) =>
  outcome.tags.length === 0 ? tags : outcome.tags.map(({ tag }) => tag)

type Detector = NonNullable<LearningResult['detector']>

async function publish(hub: Hub, row: LearningTable, outcome: LearningOutcome, detector: Detector) {
  const spec = fromJson(row.spec)
  const model = await pushDetector(hub, row, outcome, detector)
  const modelVersion = model.version.version
  await keepProfile(hub, row, { version: modelVersion, outcome, detector })
  const flowVersion = (await pushAlarm(hub, row, { ...spec, tags: learnedTags(spec, outcome) })).version.version
  return { modelVersion, flowVersion }
}

/** It has collected rows instead, and nobody wanted a detector of these. */
const NO_RECORDING = 'the agent of the device cannot learn from a recording; update it, and start the learning again'

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
  return pushModel(callOfLearning(hub, row), {
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
function notesOf(spec: LearningSpec, outcome: LearningOutcome): string {
  const { device, source, falseAlarmDays } = spec
  const best = outcome.candidates.find(({ kind }) => kind === outcome.chosen)
  return [
    `learned by ${device} from ${outcome.rows} rows of ${source}: ${learnedTags(spec, outcome).join(', ')}`,
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
  return pushModel(callOfLearning(hub, row), {
    name: alarmFlowName(row.name),
    files: [{ path: FLOW_PATH, digest }],
    labels: { learning: row.name },
    lineage: { parents: [], tool: 'skerry learn', notes: `the alarm of the detector ${row.name}` },
    aliases: [],
  })
}
