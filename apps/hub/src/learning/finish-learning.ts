/** Finish learning: a detector goes live, or a person is asked first; the end of a learning is in the audit trail. */
import type { LearningOutcome } from '@skerry/contract/learning/learning'
import type { LearningReply, LearningResult } from '@skerry/contract/learning/result'
import { judgeShadow } from '@skerry/core/learning/shadow'
import { verdictOf } from '@skerry/core/learning/verdict'
import { findRules } from '../approvals/approval-store.ts'
import { appendAudit } from '../audit/audit-store.ts'
import { isProblem, type Problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'
import { deployLearned } from './deploy-learned.ts'
import { endLearning, type LearningEnd } from './learning-store.ts'

export const HUB = { kind: 'hub', id: '', name: 'hub' } as const

export const isLasting = (error: unknown): error is Problem =>
  isProblem(error) && error.status < 500 && error.status !== 429

export const TWO_PEOPLE =
  'published, and not deployed: your organisation asks for two people to deploy; deploy the versions'

/** An agent from before shadows existed forgets the detector as soon as it is published. */
export const SHADOW_UNABLE =
  'published, and not deployed: the agent of the device cannot run a shadow; update it, or deploy the versions'

type Versions = { modelVersion: number; flowVersion: number; outcome: LearningOutcome }

/** The reason why the versions are published only. The rules may have changed while the device learned. */
export async function deployIfWished(hub: Hub, row: LearningTable, versions: Versions): Promise<string | undefined> {
  if (fromJson(row.spec).result !== 'deploy') return undefined
  const verdict = verdictOf(versions.outcome)
  if (verdict)
    return `published, and not deployed: the detector ${verdict.message}. Deploy the versions, or learn again`
  if ((await findRules(hub.store.db, row.organisation_id)).deployments !== undefined) return TWO_PEOPLE
  try {
    await deployLearned(hub, row, versions)
    return undefined
  } catch (error) {
    if (!isLasting(error)) throw error
    return `published, and not deployed: ${error.message}`.slice(0, 1_000)
  }
}

export async function finishLearning(hub: Hub, row: LearningTable, end: Omit<LearningEnd, 'nowMs'>): Promise<void> {
  const { phase, reason, modelVersion } = end
  const nowMs = hub.clock.nowMs()
  await hub.store.transaction(async (tx) => {
    if (!(await endLearning(tx, row.id, { ...end, nowMs }))) return
    const message = reason ?? `it published version ${modelVersion} of ${row.name}`
    await appendAudit(tx, {
      organisationId: row.organisation_id,
      atMs: nowMs,
      actor: HUB,
      action: 'learning.ended',
      object: { kind: 'learning', id: row.name },
      result: 'ok',
      detail: { phase, message, ...(modelVersion !== undefined && { version: modelVersion }) },
    })
  })
  hub.bus.publish('audit.appended', row.organisation_id)
  hub.bus.publish('learning.ordered', row.device_id)
  hub.bus.publish('learning.changed', row.organisation_id)
}

/** Only a shadow that keeps the promise deploys. Otherwise the reason says how to go on. */
export async function takeShadow(hub: Hub, row: LearningTable, { outcome }: LearningResult): Promise<LearningReply> {
  const { model_version: modelVersion, flow_version: flowVersion } = row
  if (modelVersion === null || flowVersion === null || row.outcome === null)
    throw new Error(`the learning ${row.id} is in shadow without its versions`)
  // A device that ended before it noted the first answer sends its detector again.
  if (!outcome.shadow) return { taken: true, shadow: true }
  const learned = fromJson(row.outcome)
  const versions = { modelVersion, flowVersion, outcome: learned }
  const spec = fromJson(row.spec)
  const verdict = judgeShadow(outcome.shadow, spec)
  const isAsked = spec.result === 'deploy' && verdict.kind !== 'keeps'
  const problem = isAsked ? LOOK_FIRST : await deployIfWished(hub, row, versions)
  const reason = problem === undefined ? verdict.message : `${problem}; ${verdict.message}`
  await finishLearning(hub, row, {
    phase: 'done',
    modelVersion,
    flowVersion,
    reason: reason.slice(0, 1_000),
    outcome: { ...learned, shadow: outcome.shadow },
  })
  return { taken: true }
}

const LOOK_FIRST =
  'published, and not deployed: look at the alarms of the shadow, and deploy the versions, or learn again'
