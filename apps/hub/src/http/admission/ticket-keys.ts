/**
 * Ticket keys: seal the tickets with which devices that come back skip the certificates of the handshake [RFC 8446 2.2]. They follow from the
 * key of the authority that signs and the week, so that they outlive a restart of the hub, just when all devices come back, and are the same in every hub of
 * one authority. Whoever had them could pass for any device: as could whoever has that key.
 */
import { createPrivateKey, hkdfSync } from 'node:crypto'

/** As long as a ticket may live [RFC 8446 4.6.1]. */
export const TICKET_SECONDS = 7 * 24 * 3_600

/** [node:tls] Name, HMAC key and AES key. */
const KEY_BYTES = 48

/** The keys of the week, and of whose certificates count in it. Tickets of the week before count for nothing: those devices show their certificates. */
export function ticketKeys({ privateKeyPem }: { privateKeyPem: string }, nowMs: number, whoseCount = ''): Buffer {
  // Not the text: the same key is written with and without a line's end.
  const key = createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })
  const week = Math.floor(nowMs / (TICKET_SECONDS * 1_000))
  return Buffer.from(hkdfSync('sha256', key, whoseCount, `skerry tls tickets of week ${week}`, KEY_BYTES))
}
