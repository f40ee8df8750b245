/**
 * Stage: the place of one device between two system releases.
 *
 *     forward:  step 0 ─▶ step 1 ─▶ ... ─▶ whole          back:  step n ─▶ ... ─▶ step 0 ─▶ returned
 *
 * A step installs one part, and the next one begins when the device reports that part as healthy. The last step removes
 * the parts that only the release before had. If a part fails, the device undoes all steps in the reverse order. A third
 * release begins only when the device is whole or returned: each change of a device starts from a whole.
 */
import type { Cause, ItemReport } from '@skerry/contract/devices/item'
import type { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeploymentId } from '@skerry/contract/values/ids'
import { isAbout, outcomeOf } from '../devices/desired.ts'

/** A version that a release names. */
export type ReleasePart = { kind: VersionKind; name: string; version: number; digest: Digest; sizeBytes: number }

export type PartFailure = { part: string; outcome: 'failed' | 'rejected'; cause: Cause }

/** Plain data: a row of the hub's database. */
export type Stage = {
  /** The revision that the device gets. */
  to: number
  /** The revision to which it can return; absent if it had none. */
  from?: number
  /** The step in progress. Forward, the number of steps means whole; back, -1 means returned. */
  at: number
  isBack: boolean
  /** The retry to which the failure belongs. */
  retryToken: number
  /** Why it returns. */
  failure?: PartFailure
}

/** One part of a step: of the new release, of the one before, or of both. */
export type PartChange = { to?: ReleasePart; from?: ReleasePart }
export type ReleaseStep = readonly PartChange[]

/** The parts of a revision. */
export type PartsOf = (revision: number) => readonly ReleasePart[]

/** The steps from one release to the next, in their order. */
export function releaseSteps({ to, from }: Pick<Stage, 'to' | 'from'>, partsOf: PartsOf): ReleaseStep[] {
  const before = from === undefined ? [] : partsOf(from)
  const parts = partsOf(to)
  const names = new Set(parts.map(({ name }) => name))
  const installed = parts.map((part): ReleaseStep => {
    const old = before.find(({ name }) => name === part.name)
    return [{ to: part, ...(old && { from: old }) }]
  })
  const removed = before.filter(({ name }) => !names.has(name)).map((part) => ({ from: part }))
  return removed.length === 0 ? installed : [...installed, removed]
}

export type Wanted = {
  /** The revision that the rollout offers now; undefined if it offers none. */
  revision: number | undefined
  /** The last revision that the device ran well. */
  previous: number | undefined
  retryToken: number
}

/** The stage after the hub's newest intent; undefined if the device is to have no part at all. */
export function aimStage(stage: Stage | undefined, wanted: Wanted, partsOf: PartsOf): Stage | undefined {
  const { revision, retryToken } = wanted
  if (!stage) return revision === undefined ? undefined : begin(revision, wanted.previous, retryToken)
  if (revision === undefined) return leave(stage, partsOf)
  if (revision === stage.to) return pursue(stage, retryToken)
  const last = releaseSteps(stage, partsOf).length - 1
  if (isReturned(stage)) {
    if (revision !== stage.from) return begin(revision, stage.from, retryToken)
    return { to: revision, at: partsOf(revision).length, isBack: false, retryToken }
  }
  const isWhole = !stage.isBack && stage.at > last
  if (isWhole && revision !== stage.from) return begin(revision, stage.to, retryToken)
  return stage.isBack ? stage : { ...stage, isBack: true, at: Math.min(stage.at, last) }
}

function begin(to: number, from: number | undefined, retryToken: number): Stage {
  return { to, ...(from !== undefined && from !== to && { from }), at: 0, isBack: false, retryToken }
}

/** The device loses the whole: first the parts that only the release before has, then the others in reverse. */
function leave({ from: _, failure: __, ...stage }: Stage, partsOf: PartsOf): Stage | undefined {
  const last = releaseSteps(stage, partsOf).length - 1
  const at = Math.min(stage.at, last)
  return at < 0 ? undefined : { ...stage, isBack: true, at }
}

/** A failure is final until somebody has the device try again. */
function pursue(stage: Stage, retryToken: number): Stage {
  if (stage.failure && stage.retryToken === retryToken) return stage
  if (!stage.isBack && stage.retryToken === retryToken) return stage
  const { failure: _, ...rest } = stage
  return { ...rest, isBack: false, at: Math.max(0, stage.at), retryToken }
}

export const isReturned = ({ isBack, at }: Pick<Stage, 'isBack' | 'at'>): boolean => isBack && at < 0

/** Whether the device has the whole release. */
export const isWhole = ({ isBack, at }: Pick<Stage, 'isBack' | 'at'>, steps: readonly ReleaseStep[]): boolean =>
  !isBack && at >= steps.length

/** A part with the revision whose settings count for it. */
export type StagedPart = { revision: number; part: ReleasePart }

/** The parts that the device should run at this stage. */
export function stagedParts(stage: Stage, partsOf: PartsOf): StagedPart[] {
  const { to: newer, from: older, at, isBack } = stage
  return releaseSteps(stage, partsOf).flatMap((step, index) => {
    const isNew = isBack ? index < at : index <= at
    return step.flatMap(({ to, from }) => {
      if (isNew) return to ? [{ revision: newer, part: to }] : []
      return from && older !== undefined ? [{ revision: older, part: from }] : []
    })
  })
}

export type PartReport = Pick<ItemReport, 'deploymentId' | 'target' | 'state' | 'cause' | 'held'>

export type StageFacts = {
  deploymentId: DeploymentId
  partsOf: PartsOf
  /** The report of the deployment's item with this name, from a document of this stage; undefined if there is none. */
  reportOf(name: string): PartReport | undefined
}

/** The stage after the device's reports, at most one step further. It is the same object if nothing has changed. */
export function advanceStage(stage: Stage, facts: StageFacts): Stage {
  const steps = releaseSteps(stage, facts.partsOf)
  const { at, isBack } = stage
  if (isBack) {
    const undone = steps[at]
    return undone?.every((change) => isUndone(stage, change, facts)) ? { ...stage, at: at - 1 } : stage
  }
  const failure = failureIn(stage, steps, facts)
  if (failure) return { ...stage, isBack: true, at: Math.min(at, steps.length - 1), failure }
  const step = steps[at]
  return step?.every((change) => isDone(stage, change, facts)) ? { ...stage, at: at + 1 } : stage
}

/** A part that was healthy may fail later, while others follow. */
function failureIn(stage: Stage, steps: readonly ReleaseStep[], facts: StageFacts): PartFailure | undefined {
  for (const { to } of steps.slice(0, stage.at + 1).flat()) {
    const report = to && facts.reportOf(to.name)
    if (!to || !report) continue
    const outcome = outcomeOf(report, offered(stage.to, to, stage, facts))
    if (outcome === 'failed' || outcome === 'rejected') return { part: to.name, outcome, cause: causeOf(report) }
  }
  return undefined
}

const causeOf = ({ cause }: PartReport): Cause => cause ?? { code: 'part_failed', message: 'the device gave no reason' }

function isDone(stage: Stage, { from, to }: PartChange, facts: StageFacts): boolean {
  if (!to) return from === undefined || facts.reportOf(from.name) === undefined
  const report = facts.reportOf(to.name)
  return report !== undefined && outcomeOf(report, offered(stage.to, to, stage, facts)) === 'healthy'
}

/** A part that fails on its return must not hold up the return of the others. */
function isUndone(stage: Stage, { from, to }: PartChange, facts: StageFacts): boolean {
  if (!from || stage.from === undefined) return to === undefined || facts.reportOf(to.name) === undefined
  const report = facts.reportOf(from.name)
  if (!report) return false
  return isAbout(report, offered(stage.from, from, stage, facts)) && SETTLED.has(report.state)
}

const SETTLED: ReadonlySet<string> = new Set(['active', 'failed'])

const offered = (
  revision: number,
  { version, digest }: ReleasePart,
  { retryToken }: Stage,
  { deploymentId }: StageFacts,
) => ({ deploymentId, revision, version, digest, retryToken })
