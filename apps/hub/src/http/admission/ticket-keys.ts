/**
 * Ticket keys: encrypt the tickets with which returning devices skip the certificates of the handshake [RFC 8446 2.2].
 * They are derived from the week and from the key of the signing authority. So they outlive a restart of the hub, after
 * which all devices come back, and are the same in every hub of one authority. An attacker with these keys could
 * impersonate any device, as could an attacker with the authority's key.
 */
import { createPrivateKey, hkdfSync } from 'node:crypto'

/** The maximum lifetime of a ticket [RFC 8446 4.6.1]. */
export const TICKET_SECONDS = 7 * 24 * 3_600

/** [node:tls] Name, HMAC key and AES key. */
const KEY_BYTES = 48

/**
 * The keys of the week, for one set of trusted authorities. Tickets of the week before are invalid: their devices show
 * their certificates.
 */
export function ticketKeys({ privateKeyPem }: { privateKeyPem: string }, nowMs: number, whoseCount = ''): Buffer {
  // The key's bytes, not its text: a line end in the text must not matter.
  const key = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })
  const week = Math.floor(nowMs / (TICKET_SECONDS * 1_000))
  return Buffer.from(hkdfSync('sha256', key, whoseCount, `skerry tls tickets of week ${week}`, KEY_BYTES))
}
