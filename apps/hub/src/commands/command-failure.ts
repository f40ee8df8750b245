/** Command failure: the reasons why there is no answer of a device. */
import { CommandRefusalCode } from '@skerry/contract/devices/device-command'
import type { ErrorCode } from '@skerry/contract/errors/errors'

/** The codes that the device reports itself, and the codes that the hub adds. */
export const FAILURES = [
  ...CommandRefusalCode.unwrap().options,
  ...(['device_unreachable', 'device_outdated', 'hub_busy', 'hub_unavailable', 'hub_peer_unreachable'] as const),
  ...(['command_timeout', 'command_cancelled'] as const),
] as const satisfies readonly ErrorCode[]

/** If there is no message, the general text of the code is used. */
export type Failure = { ok: false; code: (typeof FAILURES)[number]; message?: string }

export const RETURNED: Failure = {
  ok: false,
  code: 'device_unreachable',
  message: 'the device reconnected before it answered',
}
