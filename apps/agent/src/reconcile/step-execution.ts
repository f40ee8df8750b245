/** Step execution: carries out one step of the plan. The record is written first. Only then does the world change. */

import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { seatOf } from '@skerry/core/device/crash-suspicion'
import type { ActStep } from '@skerry/core/device/device-plan'
import { afterGolden, isOnItsWay, isSameLoad } from '@skerry/core/device/item-life'
import { isMachineTrouble } from '@skerry/core/device/machine-hold'
import { lockHold, type UpdateLock } from '@skerry/core/device/update-hold'
import { assertNever } from '@skerry/core/values/assert-never'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import type { DriverAnswer } from '../kinds/driver.ts'
import { type Drivers, driverOf, loadedBy } from '../kinds/drivers.ts'
import type { VersionFiles } from '../runner/version-files.ts'
import type { AgentStore } from '../store/agent-store.ts'
import { damagedFile } from '../verifying/version-check.ts'
import type { BlobIndex } from './blob-index.ts'

export type ExecutionDeps = {
  store: AgentStore
  blobs: Pick<BlobFolder, 'has' | 'verify'>
  index: BlobIndex
  files: Pick<VersionFiles, 'keepOnly'>
  drivers: Drivers
  /** The locks that are held now. */
  locks(): Promise<readonly UpdateLock[]>
  /** The mistake in the version's description, by the keys that the device trusts now. */
  signatureProblem(item: DesiredItem): Cause | undefined
}

/** `waits`: the step is impossible now, through no fault of the version. The item's record has the reason. */
export type StepOutcome = { kind: 'done' } | { kind: 'waits'; cause: Cause; waitMs?: number }

const DONE: StepOutcome = { kind: 'done' }

/** Steps that only change the record. */
const EVENT_OF = {
  retire: 'retired',
  fetched: 'fetched',
  defer: 'deferred',
  resume: 'resumed',
  release: 'released',
  commit: 'probation-passed',
} as const

/** Carries out the step. Throws only if something is broken. */
export async function executeStep(step: ActStep, deps: ExecutionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { store, drivers } = deps
  switch (step.kind) {
    case 'target':
      store.tell(step.item, { kind: 'targeted', item: step.item, isWarm: step.isWarm ?? false })
      return DONE
    case 'begin':
      return begin(step.item, deps)
    case 'refuse':
      return refuse(step.item, step.cause, deps)
    case 'verify':
      return verify(step.item, deps, signal)
    case 'load':
      return step.isRestore ? restore(step.item, deps, signal) : load(step.item, deps, signal)
    case 'golden':
      return prove(step.item, deps, signal)
    case 'shadow':
      return shadow(step, deps)
    case 'shadowed':
      store.tell(step.item, { kind: 'shadow-passed', ...(step.shadow ? { shadow: step.shadow } : {}) })
      return DONE
    case 'retire':
    case 'fetched':
    case 'defer':
    case 'resume':
    case 'release':
      store.tell(step.item, { kind: EVENT_OF[step.kind] })
      return DONE
    case 'commit':
      store.tell(step.item, { kind: EVENT_OF[step.kind] })
      await driverOf(drivers, step.item).settle?.(step.item)
      return DONE
    case 'switch':
      return outcomeOf(await activate(step.item, deps))
    case 'return':
      // The plan rolls back next, because the record now marks the version as failed.
      store.tell(step.item, { kind: 'failed', cause: step.cause, ...(step.shadow ? { shadow: step.shadow } : {}) })
      return DONE
    case 'unload':
      return outcomeOf(await driverOf(drivers, step.item).unload(step.item))
    case 'forget':
      store.forget(step.item.name)
      await driverOf(drivers, step.item).deactivate(step.item.name)
      return DONE
    case 'collect':
      return collect(step, deps)
    default:
      return assertNever(step)
  }
}

/** The signature is checked before the first byte is fetched: unsigned files must not fill the disk. */
function begin(item: DesiredItem, deps: ExecutionDeps): StepOutcome {
  const cause = deps.signatureProblem(item)
  if (cause) return refuse(item, cause, deps)
  deps.store.tell(item, { kind: 'fetch-started' })
  return DONE
}

function refuse(item: DesiredItem, cause: Cause, { store }: ExecutionDeps): StepOutcome {
  store.tell(item, { kind: 'fetch-started' })
  store.tell(item, { kind: 'failed', cause })
  return DONE
}

async function verify(item: DesiredItem, deps: ExecutionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { store, blobs, index } = deps
  const cause = deps.signatureProblem(item)
  if (cause) {
    store.tell(item, { kind: 'failed', cause })
    return DONE
  }
  const damage = await damagedFile(item, blobs, signal)
  if (damage) index.drop(damage.file.digest)
  store.tell(item, damage ? { kind: 'interrupted', cause: damage.cause } : { kind: 'verified' })
  return DONE
}

/**
 * The record already has the state `loading`. If the machine crashes during the load, the next start knows the cause.
 */
async function load(item: DesiredItem, deps: ExecutionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { store, blobs, index, drivers } = deps
  for (const { path, digest } of item.files) {
    if (await blobs.has(digest)) continue
    index.drop(digest)
    store.tell(item, {
      kind: 'interrupted',
      cause: { code: 'blob_unknown', message: `${path} is missing on the disk` },
    })
    return DONE
  }
  const isolation = isolationOf(item, 'unproven', store)
  const answer = await driverOf(drivers, item).load(item, isolation, signal)
  if (answer.ok) store.tell(item, { kind: 'loaded' })
  else if (answer.code === 'storage_full' || answer.waitMs !== undefined) return outcomeOf(answer)
  else if (isMachineTrouble(answer.message)) return machineWait(answer)
  else if (answer.code !== 'runner_gone') store.tell(item, { kind: 'failed', cause: causeOf(answer) })
  return DONE
}

/** A version in probation is on trial. All others that serve were proven before. */
function activate(item: DesiredItem, { store, drivers }: ExecutionDeps): Promise<DriverAnswer> {
  const life = store.lives().find(({ target }) => target.name === item.name)
  const isTarget = life !== undefined && isSameLoad(life.target, item)
  const stage = isTarget && life.state === 'probation' ? 'unproven' : 'proven'
  const successor = life && !isTarget && isOnItsWay(life) ? life.target.digest : undefined
  return driverOf(drivers, item).activate(item, stage, successor)
}

type Isolation = 'shared' | 'process'

/** The plan does not load a stopped version. */
function isolationOf(item: DesiredItem, stage: 'proven' | 'unproven', store: AgentStore): Isolation {
  const life = store.lives().find(({ target }) => target.name === item.name)
  return seatOf(item, life ?? {}, stage) === 'shared' ? 'shared' : 'process'
}

/**
 * A proven version is only checked for damage, not tried again. It must come back without a hub, even if the trusted
 * keys have changed.
 */
async function restore(item: DesiredItem, deps: ExecutionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { store, blobs, index, drivers } = deps
  const damage = await damagedFile(item, blobs, signal)
  if (damage) {
    index.drop(damage.file.digest)
    store.tell(item, { kind: 'waiting', cause: damage.cause })
    return DONE
  }
  const loaded = await driverOf(drivers, item).load(item, isolationOf(item, 'proven', store), signal)
  const answer = loaded.ok ? await activate(item, deps) : loaded
  if (answer.ok) store.tell(item, { kind: 'unblocked' })
  if (answer.ok || !answer.isDisproved) return outcomeOf(answer)
  store.tell(item, { kind: 'disproved', item, cause: causeOf(answer) })
  return DONE
}

async function prove(item: DesiredItem, deps: ExecutionDeps, signal: AbortSignal): Promise<StepOutcome> {
  const { store, drivers } = deps
  const answer = (await driverOf(drivers, item).prove?.(item, signal)) ?? PROVED
  // Golden cases may take minutes. If a lock came meanwhile, it counts, and the next pass delays the version.
  if (answer.ok && (await isLocked(item, deps))) return DONE
  if (answer.ok) store.tell(item, { kind: 'golden-passed' })
  else if (answer.waitMs !== undefined) return outcomeOf(answer)
  else if (isMachineTrouble(answer.message)) return machineWait(answer)
  else if (answer.code !== 'runner_gone') store.tell(item, { kind: 'failed', cause: causeOf(answer) })
  return DONE
}

/** Whether a lock prevents serving, if serving comes next. */
async function isLocked(item: DesiredItem, { store, locks }: ExecutionDeps): Promise<boolean> {
  const life = store.lives().find(({ target }) => isSameLoad(target, item))
  return (
    life !== undefined && afterGolden(life) === 'probation' && lockHold(item, { locks: await locks() }) !== undefined
  )
}

async function shadow(
  { item, rules }: Extract<ActStep, { kind: 'shadow' }>,
  { store, drivers }: ExecutionDeps,
): Promise<StepOutcome> {
  const answer = (await driverOf(drivers, item).mirror?.(item, rules)) ?? NO_MIRROR
  if (answer.ok || answer.code !== 'shadow_signature_differs') return outcomeOf(answer)
  store.tell(item, { kind: 'failed', cause: causeOf(answer) })
  return DONE
}

async function collect(
  { digests, parts }: Extract<ActStep, { kind: 'collect' }>,
  { index, files, store, drivers }: ExecutionDeps,
): Promise<StepOutcome> {
  // Second names (hard links) also hold the bytes of a blob. The names of kept versions are created again at their next
  // load.
  const known = store.lives().flatMap(({ target, lastGood }) => (lastGood ? [target, lastGood] : [target]))
  // A loaded version may start further workers from its files.
  const kept = [...known, ...(loadedBy(drivers) ?? []).map(({ item }) => item)]
  await files.keepOnly(kept)
  for (const digest of digests) await index.remove(digest)
  // A part is held until its interrupted transfer has noticed that.
  const isHeld = (await Promise.all(parts.map((digest) => index.removePart(digest)))).includes(false)
  return isHeld
    ? { kind: 'waits', cause: { code: 'part_held', message: 'an earlier transfer of the file has not ended yet' } }
    : DONE
}

/** A kind without a proof cannot fail it. */
const PROVED: DriverAnswer = { ok: true }
const NO_MIRROR: DriverAnswer = {
  ok: false,
  code: 'shadow_signature_differs',
  message: 'a version of this kind answers no requests, so it cannot be a shadow',
}

export function outcomeOf(answer: DriverAnswer): StepOutcome {
  if (answer.ok || answer.code === 'runner_gone') return DONE
  const { waitMs } = answer
  return { kind: 'waits', cause: causeOf(answer), ...(waitMs !== undefined && { waitMs }) }
}

const machineWait = (answer: Extract<DriverAnswer, { ok: false }>): StepOutcome => ({
  kind: 'waits',
  cause: { ...causeOf(answer), code: 'load_waits' },
})

const causeOf = ({ code, message }: Extract<DriverAnswer, { ok: false }>): Cause => ({
  code,
  message: message.slice(0, 1_000),
})
