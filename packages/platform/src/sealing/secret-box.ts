/**
 * Secret box: AES-256-GCM over small things that must lie somewhere unread. What the bytes are for is bound to them as associated data, so that a
 * box that is put in another's place does not open.
 *
 *     nonce (12 bytes, random) │ ciphertext │ tag (16 bytes)
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** A new key. */
export const generateSecretKey = (): Uint8Array => randomBytes(KEY_BYTES)

/** Names a key without telling it. */
export const secretKeyId = (key: Uint8Array): string =>
  createHash('sha256').update('skerry secret key\0').update(key).digest('hex').slice(0, 16)

/**
 * [NIST SP 800-38D, 8.3] With random nonces one key may seal 2^32 things. The key of an organisation is made anew with each rotation, and a device's
 * seals one file at each change.
 */
export function sealBox(key: Uint8Array, plain: Uint8Array, purpose: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(purpose))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** What was sealed; undefined where the box was changed, is for another purpose, or the key is another one. */
export function openBox(key: Uint8Array, box: Uint8Array, purpose: string): Buffer | undefined {
  if (box.length < NONCE_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(box.subarray(box.length - TAG_BYTES))
  const plain = decipher.update(box.subarray(NONCE_BYTES, box.length - TAG_BYTES))
  try {
    decipher.final()
    return plain
  } catch {
    return undefined
  }
}
