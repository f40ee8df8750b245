/**
 * Pinned authority: how a new device finds its hub's CA without trusting anybody. A join token holds the SHA-256 of the
 * CA certificate. The hub sends that certificate in its TLS chain. When the two agree, the CA is ours and every later
 * connection is checked by it as usual.
 */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { DetailedPeerCertificate } from 'node:tls'
import { type HttpsProblem, problemOfError } from '../network/https-client.ts'
import { dialOut } from '../network/way-out.ts'
import { fingerprintOf } from './certificate.ts'

export type PinnedAuthorityResult = { ok: true; authorityPem: string } | HttpsProblem

/** A hub answers within seconds or is not reachable from here. */
const TIMEOUT_MS = 10_000

/** Root, two intermediates and a server are a long chain already. */
const CHAIN_MAX = 8

/**
 * Fetches the TLS chain of the server at `url`, and gives the CA in it whose SHA-256 (DER, lower-case hex) is
 * `fingerprint`. Nothing is sent over this connection. The next connection, which trusts only the CA, checks whether
 * the server really holds a certificate of it.
 */
export async function findPinnedAuthority(
  { url, fingerprint }: { url: string; fingerprint: string },
  signal: AbortSignal,
): Promise<PinnedAuthorityResult> {
  signal.throwIfAborted()
  try {
    const chain = await chainOf(new URL(url), AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]))
    const pinned = chain.find((der) => fingerprintOf(der) === fingerprint)
    if (pinned) return { ok: true, authorityPem: new X509Certificate(pinned).toString() }
    const message = 'the server does not show the CA that the join token names; check the address of the hub'
    return { ok: false, code: 'certificate_refused', message, retryable: false }
  } catch (error) {
    return problemOfError(error, signal)
  }
}

async function chainOf({ hostname, port }: URL, signal: AbortSignal): Promise<Uint8Array[]> {
  const host = hostname.replace(/^\[|\]$/g, '')
  const servername = isIP(host) ? '' : host
  // The point of this connection is to look before trusting; it carries nothing.
  const socket = await dialOut(
    { host, port: Number(port || 443), servername, rejectUnauthorized: false, minVersion: 'TLSv1.3' },
    signal,
  )
  try {
    return certificatesFrom(socket.getPeerCertificate(true))
  } finally {
    socket.destroy()
  }
}

/** A self-signed certificate is its own issuer: the chain ends there. */
function certificatesFrom(leaf: DetailedPeerCertificate): Uint8Array[] {
  const chain: Uint8Array[] = []
  let current: DetailedPeerCertificate | undefined = leaf
  while (current?.raw && chain.length < CHAIN_MAX) {
    chain.push(current.raw)
    current = current.issuerCertificate === current ? undefined : current.issuerCertificate
  }
  return chain
}
