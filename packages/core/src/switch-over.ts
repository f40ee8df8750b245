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

/** Whether any device has a place in a wave: while none has, there is nobody to tell anything, and the rollout waits for its first. */
export const hasDevices = (state: RolloutState): boolean => state.waves.some((wave) => sizeOf(wave) > 0)

/** Whether anybody is to be asked after the newest open wave. */
export const hasDevicesAhead = (state: RolloutState): boolean =>
  (isSwitchAhead(state) && hasDevices(state)) || state.waves.slice(state.wave + 1).some((wave) => sizeOf(wave) > 0)

/** The waves whose limits count: of those whose devices have gone over, only who did not get ready is left, and was judged before. */
export function judgedWaves(plan: RolloutPlan, state: RolloutState): OpenWave[] {
  const open = openWaves(plan, state)
  return state.wave === state.switchWave ? open.slice(-1) : open
}

/** The state after whoever has the revision ready has gone over; also who gets ready late. */
export function* gatherReady(state: RolloutState): Steps<RolloutState> {
  const { switchWave, wave, waves } = state
  if (isEnded(state) || switchWave === undefined || wave !== switchWave) return state
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
