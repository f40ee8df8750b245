/**
 * Switch-over: the last wave of a rollout whose earlier waves only prepare the revision. Once it has opened, devices
 * that have the revision ready move into it. There they wait within the rate and the budget for the order to serve, and
 * keep the revision ready meanwhile.
 */
import { type MemberChange, moveAll, type Steps } from './member-change.ts'
import { isEnded, type OpenWave, openWaves, type RolloutState } from './rollout-state.ts'
import { sizeOf } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** Whether the rollout has a switch that has not opened. */
export const isSwitchAhead = ({ wave, switchWave }: RolloutState): boolean =>
  switchWave !== undefined && wave < switchWave

/**
 * Whether any device is to run the revision: while none is, nothing can be proved, and the rollout waits for its first.
 */
export const hasDevices = ({ waves, removalWave }: RolloutState): boolean =>
  waves.some((wave, index) => index !== removalWave && sizeOf(wave) > 0)

/** Whether devices are to lose the model, and do not have the order yet. */
export const isRemovalAhead = ({ wave, waves, removalWave }: RolloutState): boolean =>
  removalWave !== undefined && wave < removalWave && waves.slice(removalWave).some((one) => sizeOf(one) > 0)

/** Whether any device is to get an offer after the newest open wave. */
export const hasDevicesAhead = (state: RolloutState): boolean =>
  (isSwitchAhead(state) && hasDevices(state)) || state.waves.slice(state.wave + 1).some((wave) => sizeOf(wave) > 0)

/**
 * Whether the next wave is empty, as are all after it, but for devices that lose the model. A switch takes its devices
 * from other waves.
 */
export function isNextForNobody(state: RolloutState): boolean {
  const between = state.waves.slice(state.wave + 1, state.removalWave)
  const isEmpty = between.length > 0 && between.every((wave) => sizeOf(wave) === 0)
  return isEmpty && isRemovalAhead(state) && !(isSwitchAhead(state) && hasDevices(state))
}

/**
 * The waves whose limits count: of those whose devices have gone over, only who did not get ready is left, and was
 * judged before.
 */
export function judgedWaves(plan: RolloutPlan, state: RolloutState): OpenWave[] {
  const open = openWaves(plan, state)
  return state.switchWave !== undefined && state.wave >= state.switchWave ? open.slice(state.switchWave) : open
}

/** The state after all devices that have the revision ready have moved into the switch wave, including late ones. */
export function* gatherReady(state: RolloutState): Steps<RolloutState> {
  const { switchWave, wave, waves } = state
  if (isEnded(state) || switchWave === undefined || wave < switchWave) return state
  const changes = waves
    .slice(0, switchWave)
    .map(({ counts }, index): MemberChange | undefined =>
      counts.healthy === 0
        ? undefined
        : { wave: index, toWave: switchWave, from: 'healthy', to: 'waiting', which: { kind: 'all' } },
    )
  return yield* moveAll(
    state,
    changes.filter((change) => change !== undefined),
  )
}
