/** Command failure: why a device's answer may not be there. */
import { CommandRefusalCode } from '@skerry/contract/devices/device-command'
import type { ErrorCode } from '@skerry/contract/errors/errors'

/** What the device says itself, and what is said for it. */
export const FAILURES = [
  ...CommandRefusalCode.unwrap().options,
  ...(['device_unreachable', 'device_outdated', 'hub_busy', 'hub_unavailable', 'hub_peer_unreachable'] as const),
  ...(['command_timeout', 'command_cancelled'] as const),
] as const satisfies readonly ErrorCode[]

/** Without a message the code's own words say it. */
export type Failure = { ok: false; code: (typeof FAILURES)[number]; message?: string }

export const RETURNED: Failure = {
  ok: false,
  code: 'device_unreachable',
  message: 'the device reconnected before it answered',
}
