/**
 * Device pacer: counts the calls of each device, over all its connections, and rejects the ones beyond their pace (core, DEVICE_PACES) before any work is done.
 * In memory of this hub: a call that another hub counts is another certificate's worth at most, and there are few hubs.
 */
import type { DeviceId } from '@skerry/contract/values/ids'
import { DEVICE_PACES, type DeviceCall, judgePace } from '@skerry/core/devices/device-pace'
import { type Problem, problem } from '../http/problem.ts'

export type DevicePacer = {
  /** Counts a call; gives `rate_limited` with the time to wait if it comes too soon. */
  judge(deviceId: DeviceId, call: DeviceCall): Problem | undefined
  /** The same, and throws it. */
  admit(deviceId: DeviceId, call: DeviceCall): void
}

/** Enough for the calls of a small fleet; beyond it, entries that say nothing any more are forgotten first. */
const SWEEP_AT_MIN = 10_000

/** Makes an empty pacer. */
export function createDevicePacer(clock: { monotonicMs(): number }): DevicePacer {
  const fullAtMs = new Map<string, number>()
  let sweepAt = SWEEP_AT_MIN
  const sweep = (nowMs: number) => {
    for (const [key, atMs] of fullAtMs) if (atMs <= nowMs) fullAtMs.delete(key)
    // Twice the rest: a fleet whose calls all still count is not walked through at each of them.
    sweepAt = Math.max(SWEEP_AT_MIN, 2 * fullAtMs.size)
  }
  const judge: DevicePacer['judge'] = (deviceId, call) => {
    const key = `${deviceId} ${call}`
    const nowMs = clock.monotonicMs()
    const verdict = judgePace(fullAtMs.get(key), DEVICE_PACES[call], nowMs)
    if (!verdict.ok) {
      const seconds = Math.ceil(verdict.waitMs / 1_000)
      const message = `the device sends this request too often; wait ${seconds} s`
      return problem('rate_limited', message, { retryAfterMs: verdict.waitMs })
    }
    fullAtMs.set(key, verdict.fullAtMs)
    if (fullAtMs.size > sweepAt) sweep(nowMs)
    return undefined
  }
  return {
    judge,
    admit(deviceId, call) {
      const refusal = judge(deviceId, call)
      if (refusal) throw refusal
    },
  }
}
