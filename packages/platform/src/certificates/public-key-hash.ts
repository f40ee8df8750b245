/** Public key hash: what a device's key is called. The same key is the same device. */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto'

/** SHA-256 of the key's SPKI in DER, hex: one spelling, whatever the text looked like. */
export function hashPublicKey(key: string | KeyObject): string {
  const parsed = typeof key === 'string' ? createPublicKey(key) : key
  return createHash('sha256')
    .update(parsed.export({ type: 'spki', format: 'der' }))
    .digest('hex')
}
