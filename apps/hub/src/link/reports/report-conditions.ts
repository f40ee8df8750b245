/** Report conditions: the problems of a device, from its report and from the hub's own checks. */
import type { DeviceReport, UnreadItem } from '@skerry/contract/devices/device-report'
import type { Cause } from '@skerry/contract/devices/item'
import type { GenerationVerdict } from '@skerry/core/device/generation'
import { unreadCondition } from './unread-items.ts'

/** Five minutes are more than the error of any time service, and less than the error that breaks certificates. */
const CLOCK_SKEW_MAX_MS = 300_000

type Heard = { report: DeviceReport; unread?: readonly UnreadItem[]; receivedAtMs: number }

/**
 * The problems in the report, and those that only the hub can detect: a wrong clock, and a document that this hub did
 * not issue.
 */
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
