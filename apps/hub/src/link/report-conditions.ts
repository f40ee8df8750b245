/** Report conditions: the trouble of a device, as its report names it and as the hub alone can see it. */
import type { DeviceReport, UnreadItem } from '@skerry/contract/devices/device-report'
import type { Cause } from '@skerry/contract/devices/item'
import type { GenerationVerdict } from '@skerry/core/device/generation'
import { unreadCondition } from './unread-items.ts'

/** Five minutes are past what any time service leaves, and short of what breaks certificates. */
const CLOCK_SKEW_MAX_MS = 300_000

type Heard = { report: DeviceReport; unread?: readonly UnreadItem[]; receivedAtMs: number }

/** What the device names, and what only the hub can see: a wrong clock, an intent that is not ours. */
export function conditionsOf({ report, unread = [], receivedAtMs }: Heard, verdict: GenerationVerdict): Cause[] {
  const skewMs = report.atMs - receivedAtMs
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  const message = `the clock of the device is ${minutes} min ${skewMs > 0 ? 'ahead of' : 'behind'} the clock of the hub; set it`
  return [
    ...report.conditions,
    ...(Math.abs(skewMs) > CLOCK_SKEW_MAX_MS ? [{ code: 'clock_wrong', message }] : []),
    ...(verdict.ok ? [] : [{ code: verdict.code, message: verdict.message }]),
    ...(unread.length > 0 ? [unreadCondition(unread)] : []),
  ]
}
