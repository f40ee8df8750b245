/** Fleet joining: thousands of computers become devices, each with a key of its own, over a few connections that they share. */
import type { Inventory } from '@skerry/contract/devices/device'
import { JoinReply, type JoinRequest, type JoinTokenContent } from '@skerry/contract/joining/join'
import type { DeviceId } from '@skerry/contract/values/ids'
import { findPinnedAuthority } from '@skerry/platform/certificates/pinned-authority'
import { type HttpsClient, openHttpsClient } from '@skerry/platform/network/https-client'
import { reasonIn } from '../hub/hub-reason.ts'
import { parseJoinToken } from '../joining/join-token.ts'
import { makeKeyAndRequest } from './quick-request.ts'

/** Who a simulated device is. The authority and the trusted keys are the same for all, so that they are held once. */
export type Membership = {
  deviceId: DeviceId
  name: string
  certificate: string
  privateKey: string
  /** Which of the fleet it is, from 0. */
  index: number
}

export type JoinedFleet = { hub: string; ca: string; trustedKeys: readonly string[]; members: readonly Membership[] }

export type FleetJoining = {
  /** One for each site; device n takes the token n modulo their number. */
  tokens: readonly [string, ...string[]]
  /** `sim-` and `-` stand around the run's own word: sim-k3x-00042. */
  nameOf: (index: number) => string
  inventoryOf: (index: number) => Inventory
  count: number
  /** Called after each device. */
  onJoined: (joined: number) => void
}

/** As many as the client has connections; more would only wait in it. */
const JOINS_AT_ONCE = 8

/** Tries of one device while the hub says that it is busy. */
const TRIES_MAX = 5

export type JoinFleetResult = ({ ok: true } & JoinedFleet) | { ok: false; code: string; message: string }

type Pieces = { client: HttpsClient; contents: readonly [JoinTokenContent, ...JoinTokenContent[]] }

/** Joins them all, or says why one could not. */
export async function joinFleet(joining: FleetJoining, signal: AbortSignal): Promise<JoinFleetResult> {
  const parsed = joining.tokens.map(parseJoinToken)
  const contents: JoinTokenContent[] = []
  for (const token of parsed) {
    if (!token.ok) return token
    contents.push(token.content)
  }
  const [first, ...others] = contents
  if (!first) return { ok: false, code: 'token_malformed', message: 'there is no join token' }
  const authority = await findPinnedAuthority({ url: first.hub, fingerprint: first.ca }, signal)
  if (!authority.ok) return authority
  using client = openHttpsClient({ authorities: [authority.authorityPem] })
  const shared = { ca: '', trustedKeys: [] as readonly string[] }
  const members: Membership[] = []
  let next = 0
  const work = async (): Promise<Extract<JoinFleetResult, { ok: false }> | undefined> => {
    while (next < joining.count) {
      const index = next++
      const joined = await joinOne({ client, contents: [first, ...others] }, joining, index, signal)
      if (!joined.ok) return joined
      members[index] = joined.member
      shared.ca = joined.ca
      shared.trustedKeys = joined.trustedKeys
      joining.onJoined(members.length)
    }
    return undefined
  }
  const failed = (await Promise.all(Array.from({ length: JOINS_AT_ONCE }, work))).find((one) => one !== undefined)
  return failed ?? { ok: true, hub: first.hub, ...shared, members }
}

async function joinOne({ client, contents }: Pieces, joining: FleetJoining, index: number, signal: AbortSignal) {
  const name = joining.nameOf(index)
  const token = contents[index % contents.length] ?? contents[0]
  const { privateKeyPem, csr } = makeKeyAndRequest(name)
  const body: JoinRequest = { secret: token.secret, csr, name, inventory: joining.inventoryOf(index) }
  const url = new URL('/v1/join', token.hub).href
  for (let tries = 1; ; tries++) {
    const answer = await client.sendJson({ method: 'POST', url, body }, signal)
    if (!answer.ok && answer.retryable && tries < TRIES_MAX) continue
    if (!answer.ok) return { ok: false, code: answer.code, message: answer.message, ...reasonIn(answer.body) } as const
    const reply = JoinReply.parse(answer.body)
    if (reply.status === 'pending') {
      return {
        ok: false,
        code: 'join_pending',
        message: 'devices of this join token need approval; use a token without',
      } as const
    }
    const { deviceId, certificate, ca, trustedKeys } = reply
    const member = { deviceId, name: reply.name, certificate, privateKey: privateKeyPem, index }
    return { ok: true, member, ca, trustedKeys } as const
  }
}
