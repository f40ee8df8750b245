/**
 * Switch-over: the last wave of a rollout whose waves before it only make the revision ready. Who is ready goes over to it once it has opened,
 * waits there within the rate and the budget to be told to serve, and goes on having it ready meanwhile.
 */
import { type MemberChange, moveAll, type Steps } from './member-change.ts'
import { isEnded, type OpenWave, openWaves, type RolloutState } from './rollout-state.ts'
import { sizeOf } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** Whether the rollout has a switch that has not opened. */
export const isSwitchAhead = ({ wave, switchWave }: RolloutState): boolean =>
  switchWave !== undefined && wave < switchWave

/** Whether any device is to run the revision: while none is, nothing can be proved, and the rollout waits for its first. */
export const hasDevices = ({ waves, removalWave }: RolloutState): boolean =>
  waves.some((wave, index) => index !== removalWave && sizeOf(wave) > 0)

/** Whether devices are to lose the model, and have not been asked yet. */
export const isRemovalAhead = ({ wave, waves, removalWave }: RolloutState): boolean =>
  removalWave !== undefined && wave < removalWave && waves.slice(removalWave).some((one) => sizeOf(one) > 0)

/** Whether anybody is to be asked after the newest open wave. */
export const hasDevicesAhead = (state: RolloutState): boolean =>
  (isSwitchAhead(state) && hasDevices(state)) || state.waves.slice(state.wave + 1).some((wave) => sizeOf(wave) > 0)

/** Whether the next wave is empty, as are all after it, but for devices that lose the model. A switch takes its devices from other waves. */
export function isNextForNobody(state: RolloutState): boolean {
  const between = state.waves.slice(state.wave + 1, state.removalWave)
  const isEmpty = between.length > 0 && between.every((wave) => sizeOf(wave) === 0)
  return isEmpty && isRemovalAhead(state) && !(isSwitchAhead(state) && hasDevices(state))
}

/** The waves whose limits count: of those whose devices have gone over, only who did not get ready is left, and was judged before. */
export function judgedWaves(plan: RolloutPlan, state: RolloutState): OpenWave[] {
  const open = openWaves(plan, state)
  return state.switchWave !== undefined && state.wave >= state.switchWave ? open.slice(state.switchWave) : open
}

/** The state after whoever has the revision ready has gone over; also who gets ready late. */
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
