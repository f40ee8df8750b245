/** Rollout rewind: a rollout without any device proves nothing, so its first device begins the waves anew. */
import { isEnded, type RolloutState } from './rollout-state.ts'
import { hasDevices } from './switch-over.ts'
import type { WaveState } from './wave-verdict.ts'

/**
 * The state before a device joins a wave. If no device is to run the revision yet, only the first wave is open afterwards: the others opened for
 * want of devices. A removal that has begun is not taken back, but nobody else is asked to leave before the waves have passed.
 */
export function beginAnew(state: RolloutState, joined: number, nowMs: number): RolloutState {
  // A device that is held past the last wave joins none.
  if (isEnded(state) || joined >= state.waves.length || hasDevices(state)) return state
  const waves = state.waves.map((wave, index): WaveState => {
    if (index === 0) return { counts: wave.counts, openedAtMs: nowMs }
    return index === state.removalWave ? begunRemoval(wave) : { counts: wave.counts }
  })
  return { ...state, wave: 0, waves }
}

function begunRemoval({ counts, openedAtMs, awaitedSinceMs, isApproved }: WaveState): WaveState {
  if (openedAtMs === undefined) return { counts }
  return {
    counts,
    openedAtMs,
    ...(awaitedSinceMs !== undefined && { awaitedSinceMs }),
    ...(isApproved && { isApproved }),
  }
}
