/** Offers: which of the devices that wait in open waves are offered the revision now, within the rollout's rate and budget. */
import { type MemberChange, moveAll, type Steps } from './member-change.ts'
import { paceAfter, perMinuteAt, type RateProgress, roomNow } from './offer-rate.ts'
import type { RolloutState } from './rollout-state.ts'
import { sizeOf } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/** Whether anybody waits in an open wave. */
export const isAnyWaiting = (state: RolloutState): boolean =>
  state.waves.some(({ counts }, index) => index <= state.wave && counts.waiting > 0)

/** The state after whoever may be offered the revision now has been; the very same state where that is nobody. */
export function* offerWaiting(plan: RolloutPlan, state: RolloutState, nowMs: number): Steps<RolloutState> {
  let next = state
  for (const [wave, { counts }] of state.waves.slice(0, state.wave + 1).entries()) {
    if (counts.waiting === 0) continue
    // Who must pass is waited for, however long it is silent.
    if (plan.offline === 'skip' && !plan.waves[wave]?.mandatory) next = yield* moveAll(next, [skip(wave)])
    next = yield* offerWave(plan, next, { wave, nowMs })
  }
  return next
}

const skip = (wave: number): MemberChange => ({ wave, from: 'waiting', to: 'skipped', which: { kind: 'offline' } })

function* offerWave(
  { rate, budget, waves }: RolloutPlan,
  state: RolloutState,
  { wave, nowMs }: { wave: number; nowMs: number },
): Steps<RolloutState> {
  const offer = { wave, from: 'waiting', to: 'offered' } as const
  const window = waves[wave]?.window
  if (!rate && !budget && !window) return yield* moveAll(state, [{ ...offer, which: { kind: 'all' } }])
  const pace = state.pace ?? []
  const atMost = rate && roomNow(perMinuteAt(rate, progressOf(state)), pace, nowMs)
  if (atMost === 0) return state
  const next = yield* moveAll(state, [{ ...offer, which: { kind: 'next', atMost, budget, window } }])
  if (!rate || next === state) return next
  const offers = waitingIn(state, wave) - waitingIn(next, wave)
  return { ...next, pace: paceAfter(pace, nowMs, offers) }
}

const waitingIn = (state: RolloutState, wave: number) => state.waves[wave]?.counts.waiting ?? 0

/** What an exponential rate has come to: derived from the counters, so that it needs no memory of its own. */
function progressOf({ waves }: RolloutState): RateProgress {
  return waves.reduce(
    ({ notified, succeeded }, wave) => ({
      notified: notified + sizeOf(wave) - wave.counts.waiting - wave.counts.skipped,
      succeeded: succeeded + wave.counts.healthy,
    }),
    { notified: 0, succeeded: 0 },
  )
}
