/** Link connection: one device's open WebSocket, and the hub's state of it. */
import type { LinkEnd } from '@skerry/contract/devices/device'
import type { AuthorityId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import type { LinkSigner } from '@skerry/platform/signatures/link-signature'
import type { WebSocket } from 'ws'
import type { HeldListener } from '../held/held-desk.ts'
import type { Problem } from '../http/problem.ts'
import type { DesiredStream } from './desired-stream.ts'

/** [RFC 6455 7.4.2] Private codes are 4000 to 4999; the reason is an error code of the contract, or `replaced`. */
export const CLOSE = { goingAway: 1001, malformed: 4400, refused: 4403, replaced: 4409, tooMuch: 4429 } as const

export type LinkConnection = {
  readonly deviceId: DeviceId
  readonly organisationId: OrganisationId
  readonly name: string
  readonly source: string
  readonly socket: WebSocket
  /** Signs the messages to the device in this connection. */
  readonly sign: LinkSigner
  /** The authority that signed the device's certificate; undefined if it has been retired since. */
  readonly issuer: AuthorityId | undefined
  /** The authority of the recorded certificate; null if none is recorded. */
  shown: AuthorityId | null
  /** The end of the last certificate that the device received or showed. */
  notAfterMs: number
  /** The generation that the device follows, by its newest report in this connection; undefined before the first. */
  observedGeneration: number | undefined
  /**
   * The reason why the device may not continue. It is set when the device is revoked or removed; the connection is
   * closing then.
   */
  refusal: Problem | undefined
  /** The number of requests that are being answered. */
  inFlight: number
  /**
   * Whether the device's target or status may have changed since its newest report was stored. If not, no query is
   * needed.
   */
  mayDiffer: boolean
  /** Undefined until the device begins to listen. */
  desired: DesiredStream | undefined
  /** Further streams of the device. They end with the connection, or when the device begins them again. */
  jobs: Disposable | undefined
  commands: Disposable | undefined
  /** The held documents of the device; undefined until it listens. */
  held: HeldListener | undefined
  /** The reason of the end, or the reason if it ended now. */
  ended: LinkEnd
  /** Whether it has answered since the last ping. */
  isAlive: boolean
  /** The time of the last ping, until its answer. */
  pingedAtMs: number | undefined
}
