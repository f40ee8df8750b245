/**
 * Publish together: the joint detector becomes one signed version, with one alarm. Its file has the middle of the own values,
 * and each device serves with its own ones.
 */
import { PERSONAL_PATH, type PersonalFile } from '@skerry/contract/campaigns/personal-file'
import { Flow } from '@skerry/contract/flows/flow'
import { FLOW_PATH } from '@skerry/contract/kinds/flow'
import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { LearningFleetSpec } from '@skerry/contract/learning/learning-fleet'
import { alarmFlow, alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { judgeShadow } from '@skerry/core/learning/shadow'
import { devicesSelector } from '@skerry/core/learning/together'
import { verdictOf } from '@skerry/core/learning/verdict'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { WINDOW } from '@skerry/onnx/learn/detector-model'
import { jointModelOf, middleOf, otherThresholds, ownWeightsOf } from '@skerry/onnx/learn/joint'
import { GOLDEN_CASES, goldenWindows } from '@skerry/onnx/learn/learn'
import { findRules } from '../../../approvals/approval-store.ts'
import { storeBlob } from '../../../campaigns/campaign-blobs.ts'
import type { Hub } from '../../../hub.ts'
import { pushModel } from '../../../models/push-model.ts'
import { fromJson } from '../../../store/json-column.ts'
import type { LearningTable, TogetherState } from '../../../store/tables/learning/learning-tables.ts'
import { callOfLearning, EXPLANATION_PATH } from '../../call-of-learning.ts'
import { deployDetector } from '../../deploy-learned.ts'
import { isLasting, TWO_PEOPLE } from '../../finish-learning.ts'
import { floatsIn, partOfText, textOfFloats } from './numbers.ts'
import {
  dropParts,
  type FederatedFleet,
  type FederatedMember,
  findFleetById,
  isTogetherOver,
  saveJointVersion,
  saveTogether,
  togetherIn,
} from './together-store.ts'

type Publishing = FederatedFleet & {
  spec: LearningFleetSpec
  useful: readonly FederatedMember[]
  /** Why some devices do not count, each by its name. */
  refused: string | undefined
}

/** A repeated call finds the same versions, so a hub that was killed goes on. */
export async function publishTogether(
  hub: Hub,
  found: FederatedFleet,
  members: readonly FederatedMember[],
): Promise<void> {
  const { fleet } = found
  const judged = members.filter(({ phase, hasOwn }) => phase === 'done' && hasOwn)
  const { useful, refused } = withoutOtherThresholds(judged)
  const it = { ...found, spec: fromJson(fleet.spec), useful, refused }
  const end: End = useful.length === 0 ? { reason: refused ?? NONE_KEPT } : await publish(hub, it)
  await hub.store.transaction(async (tx) => {
    const row = await findFleetById(tx, fleet.id)
    const state = row && togetherIn(row)
    if (state?.modelVersion !== undefined || !state) return
    const { joint: _, ...facts } = state
    // An undo that came meanwhile has ended the order. A second one finds the versions.
    await saveTogether(tx, fleet.id, { ...end, ...facts })
    if (end.modelVersion !== undefined) await saveJointVersion(tx, fleet.id, end)
    await dropParts(
      tx,
      members.map(({ row: member }) => member),
    )
  })
  for (const { row } of useful) hub.bus.publish('learning.ordered', row.device_id)
  hub.bus.publish('learning.changed', fleet.organisation_id)
}

type End = Pick<TogetherState, 'modelVersion' | 'flowVersion' | 'reason'>

const ownOf = ({ part }: FederatedMember): Float32Array => (part?.own ? floatsIn(part.own) : new Float32Array())

/** The others go on without a device whose threshold is far from theirs. */
function withoutOtherThresholds(judged: readonly FederatedMember[]): Pick<Publishing, 'useful' | 'refused'> {
  const factors = otherThresholds(judged.map(ownOf))
  const named = judged.flatMap(({ row }, at) => {
    const factor = factors[at]
    return factor === undefined ? [] : [`${fromJson(row.spec).device} (${Number(factor.toPrecision(2))} times)`]
  })
  const refused = `threshold_changed: the thresholds of these devices are far from the middle of all: ${named.join(', ')}; compare their rows with those of the others, and start the order again`
  return {
    useful: judged.filter((_, at) => factors[at] === undefined),
    refused: named.length === 0 ? undefined : refused.slice(0, REASON_MAX),
  }
}

/** In characters, as the records have it. */
const REASON_MAX = 1_000

async function publish(hub: Hub, it: Publishing): Promise<End> {
  try {
    const modelVersion = await pushDetector(hub, it)
    const flowVersion = await pushAlarm(hub, it)
    const reasons = [await deployIfWished(hub, it, { modelVersion, flowVersion }), it.refused]
    const reason = reasons.filter((one) => one !== undefined).join('. ')
    return { modelVersion, flowVersion, ...(reason !== '' && { reason: reason.slice(0, REASON_MAX) }) }
  } catch (error) {
    // A rejection by the hub's own rules stays: a person must act. Otherwise the sweep tries again.
    if (!isLasting(error)) throw error
    return { reason: error.message.slice(0, REASON_MAX) }
  }
}

const rowOf = ({
  fleet,
  useful: [first],
}: Publishing): Pick<LearningTable, 'organisation_id' | 'name' | 'created_by'> => ({
  organisation_id: fleet.organisation_id,
  name: fleet.name,
  created_by: first?.row.created_by ?? fleet.created_by,
})

async function pushDetector(hub: Hub, it: Publishing): Promise<number> {
  const { fleet, state, spec, useful } = it
  const { tags, samples } = spec
  if (!state.joint) throw new Error(`the order ${fleet.name} is published without a joined part`)
  const own = middleOf(useful.map(ownOf))
  const { model, scaling } = jointModelOf({ joint: partOfText(state.joint), own, samples, tags })
  const personal: PersonalFile = { v: 1, campaign: state.campaign, weights: ownWeightsOf(tags.length) }
  const held = (bytes: Uint8Array) =>
    storeBlob(hub, { organisationId: fleet.organisation_id, bytes }, async (_tx, blob) => blob.digest)
  const digest = await held(model)
  using _model = hub.blobGuard.pin([digest])
  const ownDigest = await held(Buffer.from(canonicalJson(personal)))
  using _own = hub.blobGuard.pin([ownDigest])
  const explained = await held(Buffer.from(canonicalJson(explanationOf(it))))
  const windows = goldenWindows(scaling, 1)
  const width = samples * tags.length
  const cases = Array.from({ length: GOLDEN_CASES }, (_, at) => ({
    inputs: {
      [WINDOW]: {
        datatype: 'FP32' as const,
        shape: [1, samples, tags.length],
        data: textOfFloats(windows.slice(at * width, (at + 1) * width)),
      },
    },
  }))
  const { version } = await pushModel(callOfLearning(hub, rowOf(it)), {
    name: fleet.name,
    files: [
      { path: MODEL_PATH, digest },
      { path: PERSONAL_PATH, digest: ownDigest },
      { path: EXPLANATION_PATH, digest: explained },
    ],
    golden: { cases },
    labels: { learning: fleet.name, detector: 'joint' },
    lineage: { parents: [], tool: 'skerry learn', notes: notesOf(it) },
    aliases: [],
  })
  return version.version
}

/** Explains the detector: the devices with their judgements. */
const explanationOf = ({ fleet, state, spec, useful }: Publishing) => ({
  id: fleet.id,
  spec,
  devices: state.devices,
  rows: state.rows,
  members: useful.map(({ row }) => ({
    device: fromJson(row.spec).device,
    outcome: row.outcome && fromJson(row.outcome),
  })),
})

/** Signed with the version, so that nobody can change it later. */
const notesOf = ({ state, spec }: Publishing): string =>
  [
    `learned together by ${state.devices} devices from ${state.rows} windows of ${spec.source}: ${spec.tags.join(', ')}`,
    'each device serves with its own levels and threshold',
    `threshold for one false alarm in ${spec.falseAlarmDays} days`,
  ]
    .join('; ')
    .slice(0, 2_000)

async function pushAlarm(hub: Hub, it: Publishing): Promise<number> {
  const { fleet, spec } = it
  const bytes = Buffer.from(canonicalJson(Flow.parse(alarmFlow(spec))))
  const { organisation_id: organisationId } = fleet
  const digest = await storeBlob(hub, { organisationId, bytes }, async (_tx, blob) => blob.digest)
  const { version } = await pushModel(callOfLearning(hub, rowOf(it)), {
    name: alarmFlowName(fleet.name),
    files: [{ path: FLOW_PATH, digest }],
    labels: { learning: fleet.name },
    lineage: { parents: [], tool: 'skerry learn', notes: `the alarm of the detector ${fleet.name}` },
    aliases: [],
  })
  return version.version
}

type Versions = { modelVersion: number; flowVersion: number }

/** The devices whose shadow kept the promise get it. A device that did not learn has no values of its own. */
async function deployIfWished(hub: Hub, it: Publishing, versions: Versions): Promise<string | undefined> {
  const { fleet, spec, useful } = it
  if (spec.result !== 'deploy') return undefined
  const now = await findFleetById(hub.store.db, fleet.id)
  // An undo has ended the order while the versions were made.
  if (!now || isTogetherOver(togetherIn(now) ?? {})) return undefined
  if ((await findRules(hub.store.db, fleet.organisation_id)).deployments !== undefined) return TWO_PEOPLE
  const kept = useful.filter(keepsPromise).map(({ row }) => fromJson(row.spec).device)
  if (kept.length === 0) return NONE_KEPT
  const selector = devicesSelector(kept)
  try {
    const owner = { organisationId: fleet.organisation_id, learning: fleet.name, selector, isForced: true }
    await deployDetector(hub, owner, { name: fleet.name, ...versions })
    return kept.length < useful.length ? SOME_KEPT : undefined
  } catch (error) {
    if (!isLasting(error)) throw error
    return `published, and not deployed: ${error.message}`.slice(0, 1_000)
  }
}

const NONE_KEPT =
  'published, and not deployed: the shadow or the planted faults of each device speak against it; deploy the versions, or learn again'

const SOME_KEPT =
  'deployed to the devices whose shadow kept the promise and that find the planted faults; the others have their reason'

function keepsPromise({ row }: FederatedMember): boolean {
  if (row.outcome === null) return false
  const outcome = fromJson(row.outcome)
  const isKept = outcome.shadow === undefined || judgeShadow(outcome.shadow, fromJson(row.spec)).kind === 'keeps'
  return isKept && verdictOf(outcome) === undefined
}
