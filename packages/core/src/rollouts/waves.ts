/**
 * Waves: assigns each device to a wave of a rollout.
 *
 * Within a wave that takes only some, devices are drawn in the order of a hash over the deployment's name and the
 * device's id. So the draw is the same in the plan and in the rollout. The canaries of one deployment stay the same
 * over its revisions (their numbers can be compared), and another deployment has other canaries, whatever the names of
 * the devices. The waves are drawn once, when the rollout begins.
 */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { Analysis } from '@skerry/contract/deployments/analysis'
import type { Strategy, WaveSpec } from '@skerry/contract/deployments/deployment'
import type { FailureLimit } from '@skerry/contract/deployments/failure-limit'
import type { UpdateWindow } from '@skerry/contract/deployments/update-window'
import type { SwitchOver } from '@skerry/contract/models/serving'
import type { DeviceId } from '@skerry/contract/values/ids'
import { compileSelector, type SelectorFacts, type SelectorRefusal } from '../selectors/selector.ts'
import { resolveAmount } from '../values/amount.ts'

/** A wave as a rollout keeps it. Plain JSON. */
export type PlannedWave = {
  name: string
  selector?: string | undefined
  limit?: Amount | undefined
  soakMs: number
  failuresMax: Amount
  minExecuted: number
  deadlineMs: number
  /** Absent in a plan of before there were such limits, as are the next three. */
  limits?: FailureLimit[] | undefined
  approval?: true | undefined
  pauseAfter?: true | undefined
  mandatory?: true | undefined
  /**
   * In the waves before it the version is made ready; in this one their devices switch to it. Only a removal comes
   * after it.
   */
  isSwitch?: true | undefined
  /** Its devices are no longer picked, and remove the model. Always the last wave. */
  isRemoval?: true | undefined
  /** Devices get offers only while it is open; a device that removes a model has no window of its own. */
  window?: UpdateWindow | undefined
  analysis?: Analysis[] | undefined
}

/** A strategy made definite. Plain JSON, stored with the rollout. The last wave takes all remaining devices. */
export type RolloutPlan = Pick<Strategy, 'lateJoiners' | 'offline' | 'onFailure' | 'rate' | 'budget' | 'retry'> & {
  waves: PlannedWave[]
  /** The earlier revision that the rollout returns its deployment to. Absent for all others. */
  rollbackTo?: number | undefined
}

/** The implicit last wave: it tolerates no failure, and a device has a day (the defaults of WaveSpec). */
const REST: WaveSpec = { soakSeconds: 0, failuresMax: 0, minExecuted: 1, deadlineSeconds: 86_400 }

/** Names every wave, and adds the implicit last one if no wave of the strategy takes all remaining devices. */
export function planRollout({ waves, switchOver, ...strategy }: Strategy): RolloutPlan {
  const { lateJoiners, offline, onFailure, rate, budget, retry } = strategy
  const last = waves.at(-1)
  const isWhole = last !== undefined && last.selector === undefined && last.limit === undefined
  const planned = waves.map((wave, index) => plannedWave(wave, wave.name ?? `wave-${index + 1}`))
  const rest = isWhole ? [] : [plannedWave(REST, planned.length === 0 ? 'all' : 'rest')]
  return {
    waves: [...planned, ...rest, ...(switchOver ? [switchWave(switchOver)] : [])],
    lateJoiners,
    offline,
    onFailure,
    ...(rate && { rate }),
    ...(budget && { budget }),
    ...(retry && { retry }),
  }
}

const switchWave = ({ approval }: SwitchOver): PlannedWave => ({
  ...plannedWave({ ...REST, ...(approval && { approval }) }, 'switch'),
  isSwitch: true,
})

/**
 * The plan with a last wave for the devices that lose the model. It waits for a person if any other wave does. It never
 * fails: a device that does not answer keeps no other from leaving, and proves nothing about the revision.
 */
export function withRemoval(plan: RolloutPlan, install: UpdateWindow | undefined): RolloutPlan {
  const isApproved = plan.waves.some(({ approval }) => approval)
  const removal: PlannedWave = {
    ...plannedWave({ ...REST, failuresMax: '100%', ...(isApproved && { approval: true }) }, 'removal'),
    minExecuted: 0,
    isRemoval: true,
    ...(install && { window: install }),
  }
  return { ...plan, waves: [...plan.waves, removal] }
}

const plannedWave = (wave: WaveSpec, name: string): PlannedWave => ({
  name,
  ...(wave.selector === undefined ? {} : { selector: wave.selector }),
  ...(wave.limit === undefined ? {} : { limit: wave.limit }),
  soakMs: wave.soakSeconds * 1_000,
  failuresMax: wave.failuresMax,
  minExecuted: wave.minExecuted,
  deadlineMs: wave.deadlineSeconds * 1_000,
  ...(wave.limits && { limits: wave.limits }),
  ...(wave.approval && ({ approval: true } as const)),
  ...(wave.pauseAfter && ({ pauseAfter: true } as const)),
  ...(wave.mandatory && ({ mandatory: true } as const)),
  ...(wave.analysis && wave.analysis.length > 0 && { analysis: wave.analysis }),
})

/** A wave with its compiled selector. */
export type CompiledWave = PlannedWave & { matches: (facts: SelectorFacts) => boolean }

/** Compiles the selectors of all waves; an error names the wave. */
export function compileWaves({ waves }: RolloutPlan): { ok: true; waves: CompiledWave[] } | SelectorRefusal {
  const compiled: CompiledWave[] = []
  for (const wave of waves) {
    const selector = compileSelector(wave.selector ?? 'true')
    if (!selector.ok) return { ...selector, message: `wave ${wave.name}: ${selector.message}` }
    compiled.push({ ...wave, matches: selector.matches })
  }
  return { ok: true, waves: compiled }
}

export type Candidate = { deviceId: DeviceId; facts: SelectorFacts }

/** The wave of each candidate. Each wave takes the remaining devices that match its selector, up to its limit. */
export function assignWaves(
  waves: readonly CompiledWave[],
  { deployment, candidates }: { deployment: string; candidates: readonly Candidate[] },
): Map<DeviceId, number> {
  let left = candidates
    .map((candidate) => ({ ...candidate, rank: rankOf(deployment, candidate.deviceId) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
  const waveOf = new Map<DeviceId, number>()
  for (const [index, { limit, matches }] of waves.entries()) {
    const matching = left.filter(({ facts }) => matches(facts))
    const room = limit === undefined ? matching.length : resolveAmount(limit, candidates.length)
    for (const { deviceId } of matching.slice(0, room)) waveOf.set(deviceId, index)
    left = left.filter(({ deviceId }) => !waveOf.has(deviceId))
  }
  return waveOf
}

export type LateJoiner = {
  facts: SelectorFacts
  rule: Strategy['lateJoiners']
  /** How many devices each wave has now. */
  sizeOf: (wave: number) => number
}

/**
 * The wave of a device that begins to match while the rollout is under way. `waves.length`, past the last, means that
 * it is held until the rollout is done. A rollout without any device has not begun. The waves place its first device
 * whatever the rule for late joiners, else a deployment made before its first device would never begin.
 */
export function lateWave(waves: readonly CompiledWave[], { facts, rule, sizeOf }: LateJoiner): number {
  // A late device prepares the revision first, like all others; the switch takes only devices that have it ready.
  const last = waves.findLastIndex(({ isSwitch, isRemoval }) => !isSwitch && !isRemoval)
  const total = waves.reduce((sum, { isRemoval }, index) => (isRemoval ? sum : sum + sizeOf(index)), 0)
  if (total > 0 && rule === 'hold') return waves.length
  if (total > 0 && rule === 'last') return last
  // The last wave takes all devices, so one is always found.
  return waves.findIndex(
    ({ limit, matches }, index) =>
      index === last || (matches(facts) && (limit === undefined || sizeOf(index) < resolveAmount(limit, total + 1))),
  )
}

/** Sorts by hash, and by id if two hashes are the same. */
const rankOf = (deployment: string, deviceId: DeviceId) =>
  `${stableHash(`${deployment}/${deviceId}`).toString(16).padStart(8, '0')}${deviceId}`

/**
 * [FNV-1a, 32 bits] and a finaliser, without which ids that differ in their last letter would be drawn next to each
 * other.
 */
function stableHash(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
