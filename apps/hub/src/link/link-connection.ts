/** Link connection: one device's open WebSocket, and what the hub knows about it. */
import type { LinkEnd } from '@skerry/contract/devices/device'
import type { AuthorityId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { LinkSigner } from '@skerry/platform/signatures/link-signature'
import type { WebSocket } from 'ws'
import type { HeldListener } from '../held/held-desk.ts'
import type { Problem } from '../http/problem.ts'
import type { DesiredStream } from './desired-stream.ts'

/** [RFC 6455 7.4.2] 4000 to 4999 are ours; the reason is one of the contract's error codes, or `replaced`. */
export const CLOSE = { goingAway: 1001, malformed: 4400, refused: 4403, replaced: 4409, tooMuch: 4429 } as const

export type LinkConnection = {
  readonly deviceId: DeviceId
  readonly organisationId: OrganisationId
  readonly name: string
  readonly source: string
  readonly socket: WebSocket
  /** Signs what the hub says to the device in this connection. */
  readonly sign: LinkSigner
  /** Who signed the certificate that the device has shown; undefined where that one has been retired since. */
  readonly issuer: AuthorityId | undefined
  /** Whose it is on record that it has shown; null where never. */
  shown: AuthorityId | null
  /** The end of the certificate that the device last got or showed. */
  notAfterMs: number
  /** The generation that the device follows, by its newest report in this connection; undefined before the first. */
  observedGeneration: number | undefined
  /** Why the device may not go on; set when it is revoked or removed; the connection is closing then. */
  refusal: Problem | undefined
  /** Requests that are being answered. */
  inFlight: number
  /** Whether the device's intent or status may have changed since its newest report was stored; if not, nobody needs to look. */
  mayDiffer: boolean
  /** Undefined until the device listens. */
  desired: DesiredStream | undefined
  /** What the device follows beside it; ends with the connection, or when the device begins anew. */
  jobs: Disposable | undefined
  commands: Disposable | undefined
  /** The held documents that it follows; undefined until it listens. */
  held: HeldListener | undefined
  /** How it has ended, or would end now. */
  ended: LinkEnd
  /** Whether it has answered since the last ping. */
  isAlive: boolean
}
