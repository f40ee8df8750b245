/** Take together: a device of a federated order sends its part, then its judgement of the joint detector, then its shadow. */
import { type LearningOutcome, shadowRowsOf } from '@skerry/contract/learning/learning'
import type { LearningReply, LearningResult } from '@skerry/contract/learning/result'
import { judgeShadow } from '@skerry/core/learning/shadow'
import { ownValuesIn, partTrouble } from '@skerry/onnx/learn/joint'
import { problem } from '../../../http/problem.ts'
import type { Hub } from '../../../hub.ts'
import { fromJson } from '../../../store/json-column.ts'
import type { LearningTable } from '../../../store/tables/learning/learning-tables.ts'
import { finishLearning, SHADOW_UNABLE } from '../../finish-learning.ts'
import { beginShadow, saveProgress } from '../../learning-store.ts'
import { advanceTogether } from './advance-together.ts'
import { partOfText, textOfFloats } from './numbers.ts'
import { type FederatedFleet, findPart, saveOwn, savePart } from './together-store.ts'

type Taking = FederatedFleet & { row: LearningTable; result: LearningResult }

/** The learning of the device is not over. */
export async function takeTogether(hub: Hub, it: Taking): Promise<LearningReply> {
  const { fleet, row, result } = it
  const reply = row.phase === 'shadow' ? await takeJointShadow(hub, row, result) : await takeStep(hub, it)
  await advanceTogether(hub, fleet.id)
  return reply
}

async function takeStep(hub: Hub, it: Taking): Promise<LearningReply> {
  const { row, result } = it
  const { outcome, part, detector } = result
  const refuse = async (reason: string) => {
    await finishLearning(hub, row, { phase: 'refused', reason, outcome })
    return { taken: false, reason }
  }
  const [finding] = outcome.findings
  if (!part && !detector)
    return refuse(finding ? `${finding.code}: ${finding.message}`.slice(0, 1_000) : 'the device learned no detector')
  if (fromJson(row.spec).recording !== outcome.recording || (detector && !(await findPart(hub.store.db, row.id))))
    return refuse(AGENT_OLD)
  if (detector) return takeJudged(hub, it, detector)
  return part ? takePart(hub, it, part) : refuse(AGENT_OLD)
}

const AGENT_OLD = 'the agent of the device cannot learn together with others; update it, and start the order again'

type Part = NonNullable<LearningResult['part']>

async function takePart(hub: Hub, { row, result: { outcome } }: Taking, part: Part): Promise<LearningReply> {
  const recorded = outcome.rows + (outcome.marked?.rows ?? 0)
  const trouble =
    part.rows > recorded
      ? `it has ${part.rows} windows of ${recorded} rows`
      : partTrouble(partOfText(part), fromJson(row.spec).tags.length)
  if (trouble) {
    const reason = `the part of the device is no covariance: ${trouble}`
    await finishLearning(hub, row, { phase: 'refused', reason, outcome })
    return { taken: false, reason }
  }
  await hub.store.transaction(async (tx) => {
    await savePart(tx, row, part)
    await saveProgress(tx, row.id, { phase: 'train', rows: outcome.rows, reason: null })
  })
  return { taken: true }
}

type Detector = NonNullable<LearningResult['detector']>

/** The hub takes the own values of the device, and makes the shared part of the file itself. */
async function takeJudged(hub: Hub, { row, result, state }: Taking, { model }: Detector): Promise<LearningReply> {
  const { outcome, canShadow } = result
  if (!state.joint) throw problem('input_invalid', 'the parts of the devices have not been joined yet')
  const own = ownValuesOf(model, fromJson(row.spec).tags.length)
  await hub.store.transaction((tx) => saveOwn(tx, row.id, textOfFloats(own)))
  const isShadowWished = shadowRowsOf(fromJson(row.spec)) > 0
  if (isShadowWished && canShadow === true) {
    const isBegun = await hub.store.transaction((tx) => beginShadow(tx, row.id, { outcome }))
    hub.bus.publish('learning.changed', row.organisation_id)
    return isBegun ? { taken: true, shadow: true } : { taken: false, reason: 'the learning is over' }
  }
  await finishLearning(hub, row, { phase: 'done', outcome, reason: isShadowWished ? SHADOW_UNABLE : JUDGED })
  return { taken: true }
}

function ownValuesOf(model: string, tags: number): Float32Array {
  try {
    return ownValuesIn(Buffer.from(model, 'base64'), tags)
  } catch (cause) {
    throw problem('input_invalid', `the result has no joint detector: ${cause instanceof Error ? cause.message : ''}`)
  }
}

const JUDGED = 'the device has judged the joint detector'

async function takeJointShadow(hub: Hub, row: LearningTable, { outcome }: LearningResult): Promise<LearningReply> {
  if (!outcome.shadow) return { taken: true, shadow: true }
  const { message } = judgeShadow(outcome.shadow, fromJson(row.spec))
  const learned: LearningOutcome = row.outcome === null ? outcome : fromJson(row.outcome)
  await finishLearning(hub, row, { phase: 'done', reason: message, outcome: { ...learned, shadow: outcome.shadow } })
  return { taken: true }
}
