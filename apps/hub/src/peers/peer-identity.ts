/** Peer identity: whether a connection is from a hub of the same authority, and means this one. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { verifyCertificate } from '@skerry/platform/certificates/certificate'
import { HUBS } from '@skerry/platform/certificates/certificate-authority'
import { type Problem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { PEER_HEADER } from './peer-line.ts'

/** Why it may not ask; undefined where it may. TLS has proved that it holds the key. */
export function peerRefusal(
  hub: Hub,
  { socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>,
): Problem | undefined {
  const shown = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  if (!shown) return problem('certificate_missing', 'only other hubs of the database may call this')
  const authorities = hub.authorities.issuers()
  const verdict = verifyCertificate(shown.raw, { authorities, purpose: 'client', nowMs: hub.clock.nowMs() })
  if (!verdict.ok) return problem('certificate_invalid', verdict.message)
  if (verdict.certificate.organisation !== HUBS)
    return problem('permission_denied', 'only other hubs of the database may call this')
  if (headers[PEER_HEADER] === hub.cluster.hubId) return undefined
  return problem('route_unknown', `this is the hub ${hub.cluster.hubId}; the request is for another one`)
}
