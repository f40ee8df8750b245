/**
 * Mask keys: the keys of masked rounds. Two devices agree on a seed with X25519 and HKDF-SHA-256, and a seed becomes words
 * by AES-128 in counter mode. A key is used in one round only.
 */
import {
  createCipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

export const MASK_SECRET_BYTES = 32

/** `publicKey` has 32 bytes in base64url. */
export type MaskKey = { secret: Uint8Array; publicKey: string }

export function newMaskKey(): MaskKey {
  const secret = randomBytes(MASK_SECRET_BYTES)
  return { secret, publicKey: maskPublicKey(secret) }
}

/** [RFC 8410, section 7] The bytes before an X25519 key. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex')

const privateKeyOf = (secret: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, secret]), format: 'der', type: 'pkcs8' })

/** The public key of a secret. */
export function maskPublicKey(secret: Uint8Array): string {
  const { x } = createPublicKey(privateKeyOf(secret)).export({ format: 'jwk' })
  if (typeof x !== 'string') throw new Error('an X25519 key without its public part')
  return x
}

/** The same on both sides. Throws if the other key is none, or of a small group. */
export function agreedSeed(secret: Uint8Array, otherKey: string, purpose: 'mask' | 'shares'): Uint8Array {
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: otherKey } })
  const shared = diffieHellman({ privateKey: privateKeyOf(secret), publicKey })
  return new Uint8Array(hkdfSync('sha256', shared, '', `skerry campaign ${purpose}`, MASK_SECRET_BYTES))
}

/** Shows that a rebuilt seed is right, and nothing else: a seed has 256 random bits. */
export const seedCheck = (seed: Uint8Array): string =>
  createHash('sha256').update('check of a mask seed').update(seed).digest('base64url')

/** The output of the cipher for these bytes is its key stream. They grow to the longest vector and are never written. */
let zeros = Buffer.alloc(0)

/** Gives `use` uniform words from a seed, which is used for one vector. They are gone when `use` returns. */
export function expandWords(seed: Uint8Array, length: number, use: (words: Uint32Array) => void): void {
  if (zeros.length < length * 4) zeros = Buffer.alloc(length * 4)
  const cipher = createCipheriv('aes-128-ctr', seed.subarray(0, 16), Buffer.alloc(16))
  const bytes = cipher.update(zeros.subarray(0, length * 4))
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  use(new Uint32Array(aligned.buffer, aligned.byteOffset, length))
  // Some dozen vectors of 4 MB that wait for the garbage collector cost four times as much as the masks themselves.
  if (bytes.buffer.byteLength === bytes.byteLength) bytes.buffer.transfer(0)
}
