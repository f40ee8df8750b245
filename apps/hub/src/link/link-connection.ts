/** Link connection: one device's open WebSocket, and what the hub knows about it. */
import type { DeviceReport } from '@skerry/contract/device-report'
import type { DeviceId, OrganisationId } from '@skerry/contract/ids'
import type { WebSocket } from 'ws'
import type { Problem } from '../http/problem.ts'

/** [RFC 6455 7.4.2] 4000 to 4999 are ours; the reason is one of the contract's error codes, or `replaced`. */
export const CLOSE = { goingAway: 1001, malformed: 4400, refused: 4403, replaced: 4409, tooMuch: 4429 } as const

export type LinkConnection = {
  readonly deviceId: DeviceId
  readonly organisationId: OrganisationId
  readonly name: string
  readonly source: string
  readonly socket: WebSocket
  /** The end of the certificate that the device last got or showed. */
  notAfterMs: number
  /** The newest report of this connection. */
  report: DeviceReport | undefined
  /** Why the device may not go on; set when it is revoked or removed, told at its next message. */
  refusal: Problem | undefined
  /** Requests that are being answered, the desired stream included. */
  inFlight: number
  /** Whether it has answered since the last ping. */
  isAlive: boolean
}
