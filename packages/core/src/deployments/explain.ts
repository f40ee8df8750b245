/** Explain: why a device does, or does not, run what a deployment says (design: every automatic decision can be asked "why?"). */
import type { Explanation } from '@skerry/contract/deployments/deployment'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { Outcome, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import { assertNever } from '../values/assert-never.ts'
import type { PlacementCheck } from './placement.ts'

export type ExplainFacts = {
  device: string
  deployment: string
  checks: readonly PlacementCheck[]
  /** The rollout under which the device's row stands; absent when it has none. */
  rollout?:
    | { status: RolloutStatus; version: number; waves: readonly string[]; wave: number; reason?: string | undefined }
    | undefined
  member?: { wave: number; outcome: Outcome; leaving?: 1 | null } | undefined
  offeredVersion?: number | undefined
  /** What the device last said of the item. */
  report?: Pick<ItemReport, 'state' | 'cause' | 'serving' | 'target'> | undefined
}

/** The whole answer, with a summary in one sentence or two. */
export function explain(facts: ExplainFacts): Explanation {
  const { device, deployment, checks, member, offeredVersion, report } = facts
  const servingVersion = report?.serving?.version
  return {
    device,
    deployment,
    picked: member !== undefined,
    checks: checks.map(({ check, passed, detail }) => ({ check, passed, detail })),
    ...(member ? { wave: member.wave } : {}),
    ...(offeredVersion === undefined ? {} : { offeredVersion }),
    ...(servingVersion === undefined ? {} : { servingVersion }),
    summary: summaryOf(facts),
  }
}

function summaryOf({ device, checks, rollout, member, offeredVersion, report }: ExplainFacts): string {
  const failed = checks.find(({ passed }) => !passed)
  if (!rollout || !member) {
    if (failed?.code.startsWith('selector') && report?.serving)
      return `${device} is not picked: ${failed.detail}; ${LEAVES_AT_ONCE}`
    if (failed) return `${device} is not picked: ${failed.detail}`
    return `${device} is picked, and the rollout will place it shortly`
  }
  const offer = offeredVersion === undefined ? 'it is offered no version' : `it is offered version ${offeredVersion}`
  // A device that is paused or revoked is told nothing, whatever the rollout would offer it: that is the answer, so it comes first.
  const isSteered = failed?.check !== 'status'
  const place = `${placeOf(rollout, member)}; ${isSteered ? offer : 'it gets no changes'}, and ${newsOf(report)}`
  return isSteered ? place : `${failed.detail}; ${place}`
}

/** A revision takes a model away in a last wave; a device whose labels changed does not wait for that. */
const LEAVES_AT_ONCE = 'the device has changed, not the deployment, so the device removes the model at once'

type Rollout = NonNullable<ExplainFacts['rollout']>
type Member = NonNullable<ExplainFacts['member']>

function placeOf(rollout: Rollout, { wave, outcome, leaving }: Member): string {
  const name = rollout.waves[wave]
  const place = name === undefined ? 'it joined late and is held until the rollout is done' : `it is in wave ${name}`
  const because = rollout.reason === undefined ? '' : ` (${rollout.reason})`
  if (leaving)
    return `the rollout of version ${rollout.version} is ${rollout.status}${because}; ${leavingWords(rollout, outcome)}`
  return `the rollout of version ${rollout.version} is ${rollout.status}${because}; ${place}, ${wordsOf(outcome, rollout, wave)}`
}

/** A device that the newest revision no longer picks. */
function leavingWords({ status }: Rollout, outcome: Outcome): string {
  const why = 'the newest revision does not pick the device'
  if (status === 'rolled-back') return `${why}, but it was rolled back, so the device keeps its version`
  if (status === 'done' || outcome === 'healthy') return `${why}, and the model is removed there`
  if (status === 'aborted') return `${why}, but it was aborted before, so the device keeps its version`
  if (outcome === 'waiting' || outcome === 'skipped')
    return `${why}, and it keeps its version until all waves are healthy`
  return `${why}, and it was told to remove the model`
}

function wordsOf(outcome: Outcome, { status, wave: newest }: Rollout, wave: number): string {
  switch (outcome) {
    case 'waiting':
      return status === 'rolling' && wave > newest ? 'which has not opened' : 'and the version is not offered to it yet'
    case 'offered':
      return 'the version is offered, and its result is pending'
    case 'healthy':
      return 'and runs it well'
    case 'failed':
      return 'and the version failed there'
    case 'rejected':
      return 'and it rejected the version before loading it'
    case 'timed-out':
      return 'and it reported no result before its deadline'
    case 'tolerated':
      return 'and the version failed there, which a person tolerates'
    case 'skipped':
      return 'and it was left out because it was offline'
    default:
      return assertNever(outcome)
  }
}

function newsOf(report: ExplainFacts['report']): string {
  if (!report) return 'it has not reported the model'
  const serving = report.serving ? `serves version ${report.serving.version}` : 'serves no version'
  const cause = report.cause ? `: ${report.cause.message} (${report.cause.code})` : ''
  return `${serving}; version ${report.target.version} is ${report.state} there${cause}`
}
