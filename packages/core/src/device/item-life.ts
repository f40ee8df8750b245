/**
 * Item life: one deployed version on one device, from wanted to active to gone (design, section 5). A kind may leave
 * states out (contract, kinds).
 *
 *     absent → fetching → verifying → loading → golden → (shadow) → (ready) → probation → active → retiring → (removed)
 *                 └──────────┴───────────┴─────────┴─────────┴──────────┴──────────┴── failed (remembered)
 *
 * A version goes through `shadow` if its document requests it and another one serves. It waits in `ready` while its
 * document holds it. A new target begins a new life in `absent`. So does an activation that a reboot or a kill cut
 * short. The device rolls back to the last good version. That version changes only when another one has passed its
 * probation. A failure is remembered by digest and retry token, and the version is not tried again until the token
 * rises. This module only computes the next record. A record is plain JSON, and is written to disk before the device
 * acts on it.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import { Serving } from '@skerry/contract/models/serving'
import type { Digest } from '@skerry/contract/values/digest'
import { passesState, servingOf, settingsOf, shadowOf } from '../kinds/kinds.ts'
import { assertNever } from '../values/assert-never.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { type Suspicion, suspect, withoutSuspicion } from './crash-suspicion.ts'
import { forgetFailures, type RememberedFailure, rememberedFailure, rememberFailure } from './remembered-failure.ts'

/** Activations that a kill or a reboot cut short, before it is the version that is blamed: two may be bad luck. */
export const INTERRUPTIONS_MAX = 3

/**
 * In probation the version has already loaded and answered its golden inputs, so that bad luck is likelier, and gets
 * more tries.
 */
export const PROBATION_INTERRUPTIONS_MAX = 5

const OF_TRUST: ReadonlySet<string> = new Set(['signature_untrusted', 'signature_revoked', 'signature_policy'])

export type ItemLife = {
  /** The item as the hub sent it. */
  target: DesiredItem
  state: ItemState
  /** Why it failed, or the reason for its wait. */
  cause?: Cause
  /** When the state began, by the wall clock. */
  sinceMs: number
  /** The newest version that passed its probation here. */
  lastGood?: DesiredItem
  /** The one before: kept on disk while there is room, for a quick way back. */
  previousGood?: DesiredItem
  failures: RememberedFailure[]
  /** How often an activation of this target was cut short from outside. */
  interruptions: { activation: number; probation: number }
  /** The counters of the comparison while the target was a shadow, as last written to disk. */
  shadow?: ShadowStats
  /** It passed as a shadow, and stays one because its document holds it. */
  isShadowed?: true
  /** A window or a lock holds it up. An item that only waits is not being tried, so kills meanwhile do not count. */
  isDeferred?: true
  /** Versions of the model that were running when native code crashed. */
  suspicions?: Suspicion[]
}

export type ItemEvent =
  /** `isWarm`: the item is the version before the last good one, and still loaded. */
  | { kind: 'targeted'; item: DesiredItem; isWarm?: boolean }
  | { kind: 'fetch-started' }
  | { kind: 'fetched' }
  | { kind: 'verified' }
  | { kind: 'loaded' }
  | { kind: 'golden-passed' }
  | { kind: 'shadow-passed'; shadow?: ShadowStats }
  /** The hold in its document has changed. */
  | { kind: 'released' }
  | { kind: 'probation-passed' }
  | { kind: 'failed'; cause: Cause; shadow?: ShadowStats }
  /** The version had proved itself here, and was given up since. The version before it is the last good one again. */
  | { kind: 'disproved'; item: DesiredItem; cause: Cause }
  /** It cannot continue now, through no fault of the version. */
  | { kind: 'waiting'; cause: Cause }
  /** The reason for its wait is gone. */
  | { kind: 'unblocked' }
  /** A window or a lock holds up its load, or its switch, and does not any more. */
  | { kind: 'deferred' }
  | { kind: 'resumed' }
  /** The runner died by itself: a native crash. */
  | { kind: 'runner-crashed'; cause: Cause }
  /**
   * A version of the model was running when native code crashed. It is certain if the version ran alone, or in a
   * process of its own.
   */
  | { kind: 'suspected'; digest: Digest; message: string; isCertain: boolean }
  /**
   * The runner or everything was killed from outside, lost its power, or a file was damaged on disk meanwhile.
   * `isBlameless`: it was a clean stop, or another event without any part of the version.
   */
  | { kind: 'interrupted'; cause?: Cause; isBlameless?: boolean }
  /** The trusted keys or rules for signatures have changed. */
  | { kind: 'trust-changed' }
  | { kind: 'retired' }

/**
 * The life of an item that the device does not have. Failures from an earlier time with the model are still remembered.
 */
export function newItemLife(item: DesiredItem, nowMs: number, failures: RememberedFailure[] = []): ItemLife {
  const interruptions = { activation: 0, probation: 0 }
  return begin({ target: item, state: 'absent', sinceMs: nowMs, failures, interruptions }, nowMs)
}

/** The next record. An event that does not fit the state is late or repeated, and changes nothing. */
export function stepItem(life: ItemLife, event: ItemEvent, nowMs: number): ItemLife {
  switch (event.kind) {
    case 'targeted':
      return retarget(life, event, nowMs)
    case 'fetch-started':
      return move(life, 'absent', 'fetching', nowMs)
    case 'fetched':
      return move(life, 'fetching', 'verifying', nowMs)
    case 'verified':
      return move(life, 'verifying', 'loading', nowMs)
    case 'loaded':
      return move(life, 'loading', afterLoading(life), nowMs)
    case 'golden-passed':
      return move(life, 'golden', afterGolden(life), nowMs)
    case 'shadow-passed':
      return life.state === 'shadow' ? passShadow(life, event.shadow, nowMs) : life
    case 'released':
      return move(life, 'ready', afterGolden(life), nowMs)
    case 'probation-passed':
      return life.state === 'probation' ? commit(life, nowMs) : life
    case 'failed':
      return isMoving(life) ? fail(withShadow(life, event.shadow), event.cause, nowMs) : life
    case 'disproved':
      return disprove(life, event, nowMs)
    case 'waiting':
      return wait(life, event.cause)
    case 'unblocked':
      return unblock(life)
    case 'deferred':
      return defer(life)
    case 'resumed':
      return resume(life, nowMs)
    case 'runner-crashed':
      return isActivating(life) ? fail(life, event.cause, nowMs) : life
    case 'suspected':
      return { ...life, suspicions: suspect(life.suspicions, event, nowMs) }
    case 'interrupted':
      return isActivating(life) || life.state === 'verifying' ? interrupt(life, event, nowMs) : life
    case 'trust-changed':
      return forgive(life, nowMs)
    case 'retired':
      return retire(life, nowMs)
    default:
      return assertNever(event)
  }
}

/**
 * The version that should answer requests: the target once it has passed its golden inputs, else the last good version.
 */
export function servedBy({ state, target, lastGood }: ItemLife): DesiredItem | undefined {
  if (state === 'retiring') return undefined
  return state === 'probation' || state === 'active' ? target : lastGood
}

/** Whether two items are one version served in one way, so that a process that has one of them loaded has the other. */
export function isSameLoad(one: DesiredItem | undefined, other: DesiredItem | undefined): boolean {
  if (one === undefined || other === undefined) return false
  const isSameVersion = one.version === other.version && one.digest === other.digest
  return isSameVersion && settingsOf(one) === settingsOf(other) && isSameServing(servingOf(one), servingOf(other))
}

/**
 * Whether the version runs in a process without being trusted yet: if the process dies now, the version is to blame.
 */
export const isActivating = ({ state, isDeferred }: ItemLife): boolean =>
  ACTIVATING.has(state) && !(state === 'loading' && isDeferred)

const ACTIVATING: ReadonlySet<ItemState> = new Set(['loading', 'golden', 'shadow', 'ready', 'probation'])

/** Whether the target may still replace the version that serves. */
export const isOnItsWay = ({ state }: ItemLife): boolean =>
  state !== 'active' && state !== 'failed' && state !== 'retiring'

/** Whether the version is proving itself by real requests. */
export const isProving = ({ state }: ItemLife): boolean => state === 'shadow' || state === 'probation'

/** Whether it has passed all that it can without serving, and its document holds it there. */
export const isHeld = ({ state, target, isShadowed }: ItemLife): boolean =>
  target.hold === true && (state === 'ready' || (state === 'shadow' && isShadowed === true))

/** A kind without golden cases has nothing to prove before it runs. */
const afterLoading = (life: ItemLife) => (passesState(life.target.kind, 'golden') ? 'golden' : afterGolden(life))

/** The next state after golden inputs. If no version serves, there is nothing to be a shadow of. */
export function afterGolden({ target, lastGood }: ItemLife): 'shadow' | 'ready' | 'probation' {
  if (shadowOf(target) && lastGood) return 'shadow'
  return target.hold ? 'ready' : 'probation'
}

const isMoving = (life: ItemLife) => isActivating(life) || life.state === 'fetching' || life.state === 'verifying'

function retarget(
  life: ItemLife,
  { item, isWarm = false }: { item: DesiredItem; isWarm?: boolean },
  nowMs: number,
): ItemLife {
  const isSame = isSameLoad(life.target, item) && life.target.retryToken === item.retryToken
  if (isSame && life.state !== 'retiring') return { ...life, target: item }
  const { shadow: _, suspicions, ...rest } = life
  const others = withoutSuspicion(suspicions, item.digest)
  const begun = { ...rest, ...others, target: item, interruptions: { activation: 0, probation: 0 } }
  // It has proved itself here, and no newer version has: a rollback to it is no new trial.
  if (isSameLoad(life.lastGood, item)) return enter({ ...begun, lastGood: item }, 'active', nowMs)
  // It proved itself here before that one, and was kept loaded for a rollback.
  if (isWarm && !item.hold && life.lastGood && isSameLoad(life.previousGood, item)) {
    return enter({ ...begun, lastGood: item, previousGood: life.lastGood }, 'active', nowMs)
  }
  return begin(begun, nowMs)
}

/** Tries versions again that were rejected for lack of trust: they may be trusted by the new keys and rules. */
function forgive(life: ItemLife, nowMs: number): ItemLife {
  const failures = life.failures.filter(({ cause }) => !OF_TRUST.has(cause.code))
  const forgiven = { ...life, failures }
  return life.state === 'failed' && OF_TRUST.has(life.cause?.code ?? '') ? begin(forgiven, nowMs) : forgiven
}

function begin(life: ItemLife, nowMs: number): ItemLife {
  const failure = rememberedFailure(life.failures, life.target)
  return failure ? enter(life, 'failed', nowMs, { ...failure.cause, remembered: true }) : enter(life, 'absent', nowMs)
}

function passShadow(life: ItemLife, shadow: ShadowStats | undefined, nowMs: number): ItemLife {
  const passed = withShadow(life, shadow)
  const next = life.target.hold ? afterGolden(life) : 'probation'
  if (next !== 'shadow') return enter(passed, next, nowMs)
  // A held shadow is still compared. It has shown that it can run, so from now on an interruption is bad luck.
  return life.isShadowed ? life : { ...passed, isShadowed: true, interruptions: { activation: 0, probation: 0 } }
}

const withShadow = (life: ItemLife, shadow: ShadowStats | undefined): ItemLife =>
  shadow === undefined ? life : { ...life, shadow }

function commit(life: ItemLife, nowMs: number): ItemLife {
  const { lastGood, target, failures } = life
  const isOther =
    lastGood !== undefined && (lastGood.digest !== target.digest || settingsOf(lastGood) !== settingsOf(target))
  return enter(
    {
      ...life,
      lastGood: target,
      ...(isOther ? { previousGood: lastGood } : {}),
      failures: forgetFailures(failures, target),
      interruptions: { activation: 0, probation: 0 },
    },
    'active',
    nowMs,
  )
}

function fail(life: ItemLife, cause: Cause, nowMs: number): ItemLife {
  const { digest, retryToken } = life.target
  const settings = settingsOf(life.target)
  const tried = { digest, ...(settings !== undefined && { settings }), retryToken }
  const failures = rememberFailure(life.failures, { ...tried, cause })
  return enter({ ...life, failures }, 'failed', nowMs, cause)
}

function disprove(life: ItemLife, { item, cause }: { item: DesiredItem; cause: Cause }, nowMs: number): ItemLife {
  if (!isSameLoad(life.lastGood, item)) return life
  const { lastGood: _, previousGood, ...rest } = life
  const before = previousGood === undefined ? rest : { ...rest, lastGood: previousGood }
  return life.state === 'active' && isSameLoad(life.target, item) ? fail(before, cause, nowMs) : before
}

function interrupt(
  life: ItemLife,
  { cause, isBlameless = false }: { cause?: Cause; isBlameless?: boolean },
  nowMs: number,
): ItemLife {
  // It may be held for weeks, in which devices are restarted: only its way there counts.
  if (isBlameless || isHeld(life) || life.isDeferred) return enter(life, 'absent', nowMs, cause)
  const { activation, probation } = life.interruptions
  const interruptions = isProving(life)
    ? { activation, probation: probation + 1 }
    : { activation: activation + 1, probation }
  const next = { ...life, interruptions }
  const isBlamed =
    interruptions.activation >= INTERRUPTIONS_MAX || interruptions.probation >= PROBATION_INTERRUPTIONS_MAX
  if (!isBlamed) return enter(next, 'absent', nowMs, cause)
  if (cause) return fail(next, cause, nowMs)
  const count = interruptions.activation + interruptions.probation
  const retry = 'try again with "skerry device retry DEVICE DEPLOYMENT"'
  const message = `the device or its runner stopped ${count} times while the version was in the state ${life.state}; ${retry}`
  return fail(next, { code: 'activation_interrupted', message }, nowMs)
}

const move = (life: ItemLife, from: ItemState, to: ItemState, nowMs: number) =>
  life.state === from ? enter(life, to, nowMs) : life

function enter(
  { cause: _, isShadowed: __, isDeferred: ___, ...life }: ItemLife,
  state: ItemState,
  nowMs: number,
  cause?: Cause,
): ItemLife {
  return { ...life, state, sinceMs: nowMs, ...(cause ? { cause } : {}) }
}

/** The same words again are no change, so that waiting costs no writes. */
function wait(life: ItemLife, cause: Cause): ItemLife {
  const isKnown = life.cause?.code === cause.code && life.cause.message === cause.message
  return life.state === 'failed' || isKnown ? life : { ...life, cause }
}

function unblock(life: ItemLife): ItemLife {
  if (life.state === 'failed' || !life.cause) return life
  const { cause: _, ...rest } = life
  return rest
}

const defer = (life: ItemLife): ItemLife => (isActivating(life) ? { ...life, isDeferred: true } : life)

/** The wait for a load may have been long, so the files are verified again just before the load. */
function resume(life: ItemLife, nowMs: number): ItemLife {
  if (!life.isDeferred) return life
  if (life.state === 'loading') return enter(life, 'verifying', nowMs)
  const { isDeferred: _, ...rest } = life
  return rest
}

const retire = (life: ItemLife, nowMs: number) => (life.state === 'retiring' ? life : enter(life, 'retiring', nowMs))

const SERVING_KEYS = Serving.keyof().options

const isSameServing = (one: Serving, other: Serving) =>
  SERVING_KEYS.every((key) => one[key] === other[key] || isSameScaling(key, one, other))

const isSameScaling = (key: keyof Serving, one: Serving, other: Serving) =>
  key === 'scaling' && canonicalJson(one.scaling ?? null) === canonicalJson(other.scaling ?? null)
