/**
 * Explain: why a device runs, or does not run, the version of a deployment (design: every automatic decision can be
 * asked "why?").
 */
import type { NamedBuild } from '@skerry/contract/builds/named-build'
import type { Explanation } from '@skerry/contract/deployments/explanation'
import type { DeviceLink, Liveness } from '@skerry/contract/devices/device'
import type { Cause, ItemReport } from '@skerry/contract/devices/item'
import type { Outcome, RolloutStatus } from '@skerry/contract/rollouts/rollout'
import type { PartStanding } from '@skerry/contract/systems/system-release'
import { connectionCheck } from '../devices/connection-check.ts'
import { isSilent, servesWord, spokenLiveness } from '../devices/tense.ts'
import { FAILURE_KINDS } from '../rollouts/wave-verdict.ts'
import { assertNever } from '../values/assert-never.ts'
import type { PlacementCheck } from './placement.ts'
import { failureCommands } from './rollout-failures.ts'

export type ExplainFacts = {
  device: string
  deployment: string
  checks: readonly PlacementCheck[]
  /** The rollout under which the device's row stands; absent when it has none. */
  rollout?:
    | {
        status: RolloutStatus
        revision?: number
        version: number
        waves: readonly string[]
        wave: number
        reason?: string | undefined
      }
    | undefined
  member?: { wave: number; outcome: Outcome; leaving?: 1 | null; cause?: Cause | undefined } | undefined
  offeredVersion?: number | undefined
  /** The device's last report of the item. */
  report?: Pick<ItemReport, 'state' | 'cause' | 'serving' | 'target'> | undefined
  /** How far it is with a system release, which no item reports. */
  system?: { summary: string; parts: PartStanding[] } | undefined
  /** The build that the deployment gives the device, and why it gets that form of the version. */
  build?: NamedBuild | undefined
  form?: string | undefined
  /** The command that gives the device the build that newer measurements choose. */
  again?: string | undefined
  /** The newest failure there under an earlier revision. */
  earlier?: { version: number; revision: number; cause: Cause | undefined } | undefined
  /** Whether the device reports now; a silent one is spoken of in the past tense. Online if absent. */
  liveness?: Liveness | undefined
  /** Its connection to the hub, which becomes the last check. Not checked if absent. */
  link?: DeviceLink | undefined
  nowMs?: number | undefined
}

/** The whole answer, with a summary in one sentence or two. */
export function explain(facts: ExplainFacts): Explanation {
  const { device, deployment, checks, member, offeredVersion, report, build, form } = facts
  const servingVersion = report?.serving?.version
  return {
    device,
    deployment,
    picked: member !== undefined,
    checks: [...checks, ...connectionOf(facts)].map(({ check, passed, detail }) => ({ check, passed, detail })),
    ...(member ? { wave: member.wave } : {}),
    ...(offeredVersion === undefined ? {} : { offeredVersion }),
    ...(servingVersion === undefined ? {} : { servingVersion }),
    summary: summaryOf(facts) + earlierWords(facts),
    ...(build && { build }),
    ...(form !== undefined && { form }),
    ...(facts.system && { parts: facts.system.parts }),
    ...nextOf(facts),
  }
}

/**
 * A device without a connection is picked all the same, so this check comes last and decides nothing. A device that
 * failed a check before needs no connection.
 */
function connectionOf({ checks, link, liveness = 'online', nowMs }: ExplainFacts) {
  if (!link || nowMs === undefined || checks.some(({ passed }) => !passed)) return []
  return [connectionCheck({ link, liveness }, nowMs)]
}

/** The commands that help after a failure on the device, or give it a better build. */
function nextOf(facts: ExplainFacts): Pick<Explanation, 'next'> {
  const next = [...afterFailure(facts), ...(facts.again === undefined ? [] : [facts.again])]
  return next.length > 0 ? { next } : {}
}

function afterFailure({ device, deployment, rollout, member }: ExplainFacts): string[] {
  if (!rollout || !member || !isOneOf(FAILURE_KINDS, member.outcome)) return []
  const failures = [{ device, outcome: member.outcome }]
  // The first command is the one that the person has just run.
  return failureCommands({ deployment, status: rollout.status, revision: rollout.revision, failures }).slice(1)
}

const isOneOf = (kinds: readonly Outcome[], outcome: Outcome) => kinds.includes(outcome)

function summaryOf(facts: ExplainFacts): string {
  const { device, checks, rollout, member, offeredVersion, report, system, ...contact } = facts
  const failed = checks.find(({ passed }) => !passed)
  if (!rollout || !member) {
    if (failed?.code.startsWith('selector') && report?.serving)
      return `${device} is not picked: ${failed.detail}; ${LEAVES_AT_ONCE}`
    if (failed) return `${device} is not picked: ${failed.detail}`
    return `${device} is picked, and will get its place in the rollout`
  }
  const offer = offeredVersion === undefined ? 'it is offered no version' : `it is offered version ${offeredVersion}`
  // A paused or revoked device gets no documents, whatever the rollout offers. That explains everything, so it comes
  // first.
  const isSteered = failed?.check !== 'status'
  const place = `${placeOf(rollout, member, livenessIn(contact))}${causeOf(member, report)}; ${isSteered ? offer : 'it gets no changes'}, and ${system ? `it ${system.summary}` : newsOf(report, livenessIn(contact))}`
  return isSteered ? place : `${failed.detail}; ${place}`
}

/** A person who looks for a failure finds it, although a later revision is healthy there. */
function earlierWords({ earlier, member }: ExplainFacts): string {
  if (!earlier || !member || isOneOf(FAILURE_KINDS, member.outcome)) return ''
  const cause = earlier.cause ? `: ${earlier.cause.message} (${earlier.cause.code})` : ''
  return `; version ${earlier.version} failed there before, under revision ${earlier.revision}${cause}`
}

const livenessIn = ({ liveness = 'online', link }: Pick<ExplainFacts, 'liveness' | 'link'>) =>
  link ? spokenLiveness({ liveness, link }) : liveness

/** A revision takes a model away in a last wave; a device whose labels changed does not wait for that. */
const LEAVES_AT_ONCE = 'the device has changed, not the deployment, so it removes the model at once'

type Rollout = NonNullable<ExplainFacts['rollout']>
type Member = NonNullable<ExplainFacts['member']>

function placeOf(rollout: Rollout, { wave, outcome, leaving }: Member, liveness: Liveness): string {
  const name = rollout.waves[wave]
  const place = name === undefined ? 'it joined late and waits until the rollout is done' : `it is in wave ${name}`
  const because = rollout.reason === undefined ? '' : ` (${rollout.reason})`
  if (leaving)
    return `the rollout of version ${rollout.version} is ${rollout.status}${because}; ${leavingWords(rollout, outcome)}`
  return `the rollout of version ${rollout.version} is ${rollout.status}${because}; ${place}, ${isSilent(liveness) && outcome === 'healthy' ? 'and was healthy' : wordsOf(outcome, rollout, wave)}`
}

/** A device that the newest revision no longer picks. */
function leavingWords({ status }: Rollout, outcome: Outcome): string {
  const why = 'the newest revision does not pick the device'
  if (status === 'rolled-back') return `${why}, but it was rolled back, so the device keeps its version`
  if (status === 'done' || outcome === 'healthy') return `${why}, and the model is removed there`
  if (status === 'aborted') return `${why}, but it was aborted before, so the device keeps its version`
  if (outcome === 'waiting' || outcome === 'skipped')
    return `${why}, and it keeps its version until all waves are healthy`
  return `${why}, and it has the order to remove the model`
}

function wordsOf(outcome: Outcome, { status, wave: newest }: Rollout, wave: number): string {
  switch (outcome) {
    case 'waiting':
      if (wave <= newest || status === 'paused') return 'and has no offer yet'
      return status === 'rolling' ? 'which has not opened' : 'which was not reached'
    case 'offered':
      return 'has the offer and has not reported a result'
    case 'healthy':
      return 'and is healthy'
    case 'failed':
      return 'and failed'
    case 'rejected':
      return 'and rejected it'
    case 'timed-out':
      return 'and reported no result before its deadline'
    case 'tolerated':
      return 'and failed, which a person tolerates'
    case 'skipped':
      return 'and was skipped because it was offline'
    default:
      return assertNever(outcome)
  }
}

/** The cause of the failure, unless the device's last report repeats it. It may serve an earlier version by now. */
function causeOf({ outcome, cause }: Member, report: ExplainFacts['report']): string {
  if (!cause || !isOneOf(FAILURE_KINDS, outcome) || report?.cause?.code === cause.code) return ''
  return `: ${cause.message} (${cause.code})`
}

/** The failure is that of an earlier rollout. */
const NOT_TRIED = 'was not tried again there, because it failed there before (remembered)'

function newsOf(report: ExplainFacts['report'], liveness: Liveness): string {
  if (!report) return 'has not reported it'
  const isOld = isSilent(liveness)
  const version = report.serving ? `version ${report.serving.version}` : 'no version'
  const serving = `${servesWord(liveness)} ${version}${isOld ? ' when it last reported' : ''}`
  const cause = report.cause ? `: ${report.cause.message} (${report.cause.code})` : ''
  const state = report.cause?.remembered ? NOT_TRIED : stateWords(report.state, isOld)
  return `${serving}; version ${report.target.version} ${state}${cause}`
}

const stateWords = (state: ItemReport['state'], isOld: boolean) =>
  state === 'failed' ? 'failed there' : `${isOld ? 'was' : 'is'} ${state} there`
