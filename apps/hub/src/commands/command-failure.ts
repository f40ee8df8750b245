/** Command failure: the reasons why there is no answer of a device. */
import { CommandRefusalCode } from '@skerry/contract/devices/device-command'
import type { ErrorCode } from '@skerry/contract/errors/errors'
import { awayWords } from '@skerry/core/devices/connection-check'
import { deviceLinkOf, presentHubs } from '../devices/device-link-store.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import { type Problem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** The codes that the device reports itself, and the codes that the hub adds. */
export const FAILURES = [
  ...CommandRefusalCode.unwrap().options,
  ...(['device_unreachable', 'device_outdated', 'hub_busy', 'hub_unavailable', 'hub_peer_unreachable'] as const),
  ...(['command_timeout', 'command_cancelled'] as const),
] as const satisfies readonly ErrorCode[]

/** If there is no message, the general text of the code is used. */
export type Failure = { ok: false; code: (typeof FAILURES)[number]; message?: string }

/** The failure as an error. It has the reason why the device cannot be reached, unless it has a message of its own. */
export async function problemOf(hub: Hub, row: DeviceRow, { code, message }: Failure): Promise<Problem> {
  if (code !== 'device_unreachable' || message !== undefined) return problem(code, message)
  const link = deviceLinkOf(row, await presentHubs(hub))
  if (link.connected) return problem(code)
  return problem(code, `the device is not connected now: ${awayWords({ link }, hub.clock.nowMs())}`)
}

export const RETURNED: Failure = {
  ok: false,
  code: 'device_unreachable',
  message: 'the device reconnected before it answered',
}
