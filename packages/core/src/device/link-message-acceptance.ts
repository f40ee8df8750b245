/** Link message acceptance: whether a device may obey a signed message of its hub: it is for this device, this connection and now. */

import type { LinkSession, LinkStatement } from '@skerry/contract/link/link-message'
import type { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'

export type LinkMessageFacts = {
  deviceId: DeviceId
  stream: string
  session: LinkSession
  /** The newest revision that the device took of this stream in this connection; 0 before the first. */
  revision: number
  /** By the hub's clock; undefined before the hub has said its time in this connection. */
  nowMs: number | undefined
  /** Of the message as it arrived. */
  digest: Digest
}

/** `expired`: the hub did sign it for here, and it came too late or a clock was set. `unproved`: it may come from another than the hub. */
export type LinkMessageProblem = { kind: 'expired' | 'unproved'; why: string }

/** Why the device may not obey; undefined if it may. The signature has been verified before. */
export function linkMessageProblem(statement: LinkStatement, facts: LinkMessageFacts): LinkMessageProblem | undefined {
  const why = mismatch(statement, facts)
  if (why !== undefined) return { kind: 'unproved', why }
  if (facts.nowMs !== undefined && facts.nowMs < statement.expiresAtMs) return undefined
  return { kind: 'expired', why: 'it has expired' }
}

function mismatch(statement: LinkStatement, facts: LinkMessageFacts): string | undefined {
  if (statement.deviceId !== facts.deviceId) return 'it is signed for another device'
  if (statement.session !== facts.session) return 'it is signed for another connection'
  if (statement.stream !== facts.stream) return `it is signed for the stream ${statement.stream}`
  if (statement.digest !== facts.digest) return 'it is not the message that was signed'
  if (statement.revision <= facts.revision) return 'it has been sent before'
  return undefined
}
