/**
 * Device plan: the next steps of a device, as data. Each pass computes them anew from the present state (records, disk,
 * runner) and the desired one.
 *
 * Steps are in the order of their urgency: obey, serve a version that is known to be good, unload versions that must
 * not serve, move each item one step along its life, tidy up. The caller executes the first step of each lane and
 * computes the plan again: a plan is never finished, so no step in it is ever stale. There are two lanes, because a
 * transfer may take hours and must not delay a rollback to the last good version.
 */
import type { DesiredItem, RejectedItem } from '@skerry/contract/devices/desired'
import type { Cause, ServingStats, ShadowStats } from '@skerry/contract/devices/item'
import type { ModelFile } from '@skerry/contract/models/model'
import { inLoadOrder, rulesOf } from '../kinds/kinds.ts'
import type { DataPlace } from '../places/data-class.ts'
import { assertNever } from '../values/assert-never.ts'
import { type CollectionFacts, type CollectStep, collectSteps, collectToFit } from './blob-collection.ts'
import { seatOf } from './crash-suspicion.ts'
import { dataHold } from './data-hold.ts'
import { fitProblem, memoryBytes } from './fit.ts'
import type { FlowFacts } from './flow-hold.ts'
import { afterGolden, type ItemLife, isActivating, isSameLoad, servedBy } from './item-life.ts'
import { isTargeted } from './item-target.ts'
import { canLoad, type MachineFacts, roomHold, troubleHold } from './machine-hold.ts'
import { type FrequentError, judgeProbation } from './proof/probation.ts'
import { type Mirrored, type ShadowPlanFacts, type ShadowStep, shadowEnd, shadowSteps } from './proof/shadow-plan.ts'
import { downloadHold, installHold, lockHold, nextTurnMs, type UpdateFacts, type UpdateHold } from './update-hold.ts'

/** One version in the runner's memory. */
export type LoadedVersion = {
  item: DesiredItem
  /**
   * When it began to answer requests that name no version, by a clock that only moves forward; absent while it does
   * not.
   */
  servingSinceMs?: number
  /** Set while it gets copies of another version's requests. */
  shadow?: Mirrored
  stats: Pick<ServingStats, 'requests' | 'failures'>
  /** The most frequent error of its requests, if the kind knows it. */
  error?: FrequentError
  /** The features whose values alert on this device, if that fails a probation. */
  moved?: string
}

export type DeviceFacts = Omit<CollectionFacts, 'loaded'> & {
  /** The items of the newest document that was accepted; absent before the first. */
  wanted?: readonly DesiredItem[]
  /** The items of that document that this agent cannot read. Versions that run under their names continue. */
  rejected?: readonly Pick<RejectedItem, 'name'>[]
  memoryAvailableBytes: number
  /** Absent while the runner is down. */
  loaded?: readonly LoadedVersion[]
  /** By the clock of `servingSinceMs`. */
  nowMs: number
  /** Steps that could not be done, by `stepKey`: none of them is tried before this time. */
  waits: ReadonlyMap<string, number>
  /** The facts by which windows and locks are judged. */
  updates: UpdateFacts
  /** The parts of the device that flows need; absent if there are no flows. */
  flows?: FlowFacts
  /** The classes of data here, and the limit of them; absent if nothing is known. */
  place?: DataPlace
  /** Trouble and size of the machine; absent if there is none to be known. */
  machine?: MachineFacts
}

/** `isRestore` marks a version that was proved on this device and then lost. */
export type FetchStep = { kind: 'fetch'; item: DesiredItem; files: ModelFile[]; isRestore: boolean }

export type ActStep =
  /** The record takes the hub's newest word; nothing else happens yet. */
  | { kind: 'target'; item: DesiredItem; isWarm?: boolean }
  | { kind: 'retire'; item: DesiredItem }
  | { kind: 'begin'; item: DesiredItem }
  | { kind: 'refuse'; item: DesiredItem; cause: Cause }
  | { kind: 'fetched'; item: DesiredItem }
  | { kind: 'verify'; item: DesiredItem }
  /** It waits for a window or a lock: written down, so that a kill meanwhile is not held against it. */
  | { kind: 'defer'; item: DesiredItem }
  | { kind: 'resume'; item: DesiredItem }
  /**
   * Into the runner, beside the serving version. A restored version serves at once. A new one answers its golden inputs
   * first.
   */
  | { kind: 'load'; item: DesiredItem; isRestore: boolean }
  | { kind: 'golden'; item: DesiredItem }
  /** Requests that name no version go to it from now on. */
  | { kind: 'switch'; item: DesiredItem }
  | ShadowStep
  /** The hold of its document has ended. */
  | { kind: 'release'; item: DesiredItem }
  | { kind: 'commit'; item: DesiredItem }
  /** The item failed to prove itself: requests go, or stay, with the last good version. */
  | { kind: 'return'; item: DesiredItem; cause: Cause; shadow?: ShadowStats }
  | { kind: 'unload'; item: DesiredItem }
  | { kind: 'forget'; item: DesiredItem }
  | CollectStep

export type PlanStep = ActStep | FetchStep

export type DevicePlan = {
  act: ActStep[]
  fetch: FetchStep[]
  /** The items that windows and locks hold up, by name. */
  holds: ReadonlyMap<string, UpdateHold>
  /** When time alone will change the plan. */
  wakeMs?: number
}

export function planDevice(facts: DeviceFacts): DevicePlan {
  const intent = intentSteps(facts)
  // Only the newest intent is worked on: while a record has another one, nothing else is done.
  if (intent.length > 0) return { act: intent, fetch: [], holds: new Map() }
  const holds = new Map(facts.lives.flatMap((life) => holdOf(life, facts)))
  const steps = [
    ...inLoadOrder(facts.lives).flatMap((life) => restoreSteps(life, facts)),
    ...(facts.loaded ?? []).flatMap((loaded) => unloadSteps(loaded, facts)),
    ...facts.lives.flatMap((life) => heldSteps(life, facts, holds.get(life.target.name))),
  ]
  const isReady = (step: PlanStep) => (facts.waits.get(stepKey(step)) ?? facts.nowMs) <= facts.nowMs
  const ready = steps.filter(isReady)
  const act = ready.filter((step) => step.kind !== 'fetch')
  const waits = steps.filter((step) => !isReady(step)).map((step) => facts.waits.get(stepKey(step)))
  const turnOf = (life: ItemLife) => nextTurnMs(life, facts, holds.get(life.target.name))
  const shadowEndOf = (life: ItemLife) => shadowEnd(life, shadowFacts(life, facts))
  const ends = [probationEnd, shadowEndOf, keepEnd, turnOf]
  const times = facts.lives.flatMap((life) => ends.map((endOf) => endOf(life, facts)))
  const wakeMs = Math.min(...[...waits, ...times].map(orNever))
  return {
    // Without any intent nothing is known to be unwanted: its record may be lost, and the files are all that serves
    // without a hub.
    act: act.length > 0 || !facts.wanted ? act : collectSteps(facts),
    fetch: ready.filter((step) => step.kind === 'fetch'),
    holds,
    ...(Number.isFinite(wakeMs) ? { wakeMs } : {}),
  }
}

/** Names a step for `waits`: another version, or another kind of work, does not wait for this one. */
export function stepKey(step: PlanStep): string {
  return step.kind === 'collect' ? step.kind : `${step.kind} ${step.item.name} ${step.item.digest}`
}

function intentSteps({ lives, wanted, rejected = [], loaded = [] }: DeviceFacts): ActStep[] {
  if (!wanted) return []
  const byName = new Map(lives.map((life) => [life.target.name, life]))
  const wantedNames = new Set<string>(wanted.map(({ name }) => name))
  // An item without a readable name may be any of them.
  const isRejected = (name: string) => rejected.some((item) => item.name === undefined || item.name === name)
  return [
    ...wanted
      .filter((item) => !isTargeted(byName.get(item.name), item))
      .map((item) => targetStep(item, byName.get(item.name), loaded)),
    ...lives
      .filter(({ target: { name } }) => !wantedNames.has(name) && !isRejected(name))
      .filter(({ state }) => state !== 'retiring')
      .map(({ target }) => ({ kind: 'retire' as const, item: target })),
  ]
}

function targetStep(item: DesiredItem, life: ItemLife | undefined, loaded: readonly LoadedVersion[]): ActStep {
  const isWarm = isSameLoad(life?.previousGood, item) && loaded.some((version) => isSameLoad(version.item, item))
  return { kind: 'target', item, ...(isWarm && { isWarm }) }
}

/** A proved version serves, whatever else happens. After a start or a crash of the runner it is loaded first. */
function restoreSteps(life: ItemLife, facts: DeviceFacts): PlanStep[] {
  const item = servedBy(life)
  if (!item || life.state === 'probation' || seatOf(item, life, 'proven') === 'stopped') return []
  const files = missingFiles(item, facts)
  const loaded = findLoaded(item, facts)
  if (loaded) return loaded.servingSinceMs === undefined ? [{ kind: 'switch', item }] : []
  if (files.length > 0) return [{ kind: 'fetch', item, files, isRestore: true }]
  return canLoad(item, facts) ? [{ kind: 'load', item, isRestore: true }] : []
}

function unloadSteps({ item, servingSinceMs }: LoadedVersion, facts: DeviceFacts): ActStep[] {
  const life = facts.lives.find(({ target }) => target.name === item.name)
  const served = life && servedBy(life)
  const isNeeded =
    isSameLoad(item, served) ||
    (life && isActivating(life) && isSameLoad(item, life.target)) ||
    (life?.state === 'probation' && isSameLoad(item, life.lastGood)) ||
    (life && isSameLoad(item, life.previousGood) && (keepEnd(life, facts) ?? 0) > facts.nowMs)
  if (isNeeded) return []
  if (!served) return [{ kind: 'unload', item }]
  // An old version answers until its successor is loaded; a version that failed its probation does not.
  const isLastResort = servingSinceMs !== undefined && !(life.state === 'failed' && isSameLoad(item, life.target))
  const isReplaced = findLoaded(served, facts)?.servingSinceMs !== undefined
  return isLastResort && !isReplaced ? [] : [{ kind: 'unload', item }]
}

/**
 * New versions wait for windows and locks. A proved version comes back at any time, and an unwanted one leaves at any
 * time.
 */
function holdOf(life: ItemLife, facts: DeviceFacts): [string, UpdateHold][] {
  const hold =
    dataHold(life, facts) ??
    machineHold(life, facts) ??
    holdKind(life, facts)?.(life.target, facts.updates) ??
    rulesOf(life.target.kind).hold(life, facts)
  return hold ? [[life.target.name, hold]] : []
}

/** A runner that cannot start holds up a load, and a lack of room holds up a fetch. */
function machineHold({ state, target }: ItemLife, facts: DeviceFacts): UpdateHold | undefined {
  if (state === 'loading') return troubleHold(target, facts)
  return state === 'absent' ? roomHold(target, beginProblem(target, facts), facts.machine ?? {}) : undefined
}

function holdKind(life: ItemLife, facts: DeviceFacts): typeof installHold | undefined {
  const { target, state } = life
  if (facts.machine?.trials?.has(target.digest)) return undefined
  const isSwitching = lifeSteps(life, facts).some(({ kind }) => kind === 'release' || kind === 'shadowed')
  if (state === 'fetching') return missingFiles(target, facts).length > 0 ? downloadHold : undefined
  if (state === 'loading' || (isSwitching && !target.hold)) return installHold
  // A window is about when an install begins; a lock counts until requests go to the new version.
  return state === 'golden' && afterGolden(life) === 'probation' ? lockHold : undefined
}

function heldSteps(life: ItemLife, facts: DeviceFacts, hold: UpdateHold | undefined): PlanStep[] {
  const { target: item, state, isDeferred } = life
  if (!hold) return isDeferred ? [{ kind: 'resume', item }] : lifeSteps(life, facts)
  return state === 'absent' || state === 'fetching' || isDeferred ? [] : [{ kind: 'defer', item }]
}

function lifeSteps(life: ItemLife, facts: DeviceFacts): PlanStep[] {
  const { target: item, state } = life
  switch (state) {
    case 'absent':
      return beginSteps(life, facts)
    case 'fetching': {
      const files = missingFiles(item, facts)
      return [files.length > 0 ? { kind: 'fetch', item, files, isRestore: false } : { kind: 'fetched', item }]
    }
    case 'verifying':
      return [{ kind: 'verify', item }]
    case 'loading':
      return canLoad(item, facts) ? [{ kind: 'load', item, isRestore: false }] : []
    case 'golden':
      return findLoaded(item, facts) ? [{ kind: 'golden', item }] : []
    case 'shadow':
      return shadowSteps(life, shadowFacts(life, facts))
    case 'ready':
      return afterGolden(life) === 'ready' ? [] : [{ kind: 'release', item }]
    case 'probation':
      return probationSteps(life, facts)
    case 'retiring':
      return facts.loaded?.some((loaded) => loaded.item.name === item.name) ? [] : [{ kind: 'forget', item }]
    case 'active':
    case 'failed':
      return []
    default:
      return assertNever(state)
  }
}

function beginSteps({ target: item }: ItemLife, facts: DeviceFacts): ActStep[] {
  const collection = collectToFit(facts, missingBytesOf(item, facts))
  if (collection) return [collection]
  const cause = beginProblem(item, facts)
  return [cause ? { kind: 'refuse', item, cause } : { kind: 'begin', item }]
}

/** Why it does not fit; undefined while something can still be collected. */
function beginProblem(item: DesiredItem, facts: DeviceFacts): Cause | undefined {
  const missingBytes = missingBytesOf(item, facts)
  if (collectToFit(facts, missingBytes)) return undefined
  return fitProblem(item, { ...facts, missingBytes, besideBytes: besideBytes(facts) })
}

const missingBytesOf = (item: DesiredItem, facts: DeviceFacts) =>
  missingFiles(item, facts).reduce((sum, { digest, sizeBytes }) => sum + sizeBytes - (facts.parts.get(digest) ?? 0), 0)

/**
 * Memory of the versions that serve, or soon will again, and are not loaded now: the new version is loaded beside them.
 */
function besideBytes(facts: DeviceFacts): number {
  const served = facts.lives.map(servedBy).filter((item) => item !== undefined)
  return served.filter((item) => !findLoaded(item, facts)).reduce((sum, item) => sum + memoryBytes(item), 0)
}

/** Both versions must be loaded to be compared. The serving version is restored first. */
const shadowFacts = ({ target, lastGood }: ItemLife, facts: DeviceFacts): ShadowPlanFacts => ({
  own: findLoaded(target, facts),
  isServed: lastGood !== undefined && findLoaded(lastGood, facts)?.servingSinceMs !== undefined,
  nowMs: facts.nowMs,
})

function probationSteps({ target: item }: ItemLife, facts: DeviceFacts): ActStep[] {
  const loaded = findLoaded(item, facts)
  if (!loaded) return []
  if (loaded.servingSinceMs === undefined) return [{ kind: 'switch', item }]
  const { servingSinceMs: startedMs, stats, error, moved } = loaded
  const verdict = judgeProbation({ startedMs, nowMs: facts.nowMs, stats, error, moved, rules: item.probation })
  if (verdict.kind === 'continue') return []
  return [verdict.kind === 'pass' ? { kind: 'commit', item } : { kind: 'return', item, cause: verdict.cause }]
}

function probationEnd({ state, target }: ItemLife, facts: DeviceFacts): number | undefined {
  if (state !== 'probation') return undefined
  const startedMs = findLoaded(target, facts)?.servingSinceMs
  return startedMs === undefined ? undefined : Math.max(facts.nowMs, startedMs + target.probation.seconds * 1_000)
}

/** Until when the version before is kept loaded; undefined if it is not, or not any more. */
function keepEnd({ state, target }: ItemLife, facts: DeviceFacts): number | undefined {
  const startedMs = findLoaded(target, facts)?.servingSinceMs
  if (state !== 'active' || startedMs === undefined || target.keepSeconds === undefined) return undefined
  const untilMs = startedMs + target.keepSeconds * 1_000
  return untilMs > facts.nowMs ? untilMs : undefined
}

const missingFiles = ({ files }: DesiredItem, { blobs }: DeviceFacts) =>
  files.filter(({ digest }) => !blobs.has(digest))

const findLoaded = (item: DesiredItem, { loaded }: DeviceFacts) =>
  loaded?.find((version) => version.item.name === item.name && isSameLoad(version.item, item))

const orNever = (ms: number | undefined) => ms ?? Number.POSITIVE_INFINITY
