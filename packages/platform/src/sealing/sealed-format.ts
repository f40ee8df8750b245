/**
 * Sealed format: how a large file lies encrypted on a disk that somebody may copy, so that it can be written bit by bit, gone on with after a cut,
 * read anywhere, and not be changed unnoticed.
 *
 *     header (40 bytes)                              chunk 0                         chunk 1 ...
 *     magic 8 │ key id 8 │ salt 16 │ total size 8  │ nonce 12 │ ciphertext │ tag 16 │ ...
 *
 * Each file has a key of its own: HKDF-SHA256 of the data key and the salt [RFC 5869]. Each chunk is AES-256-GCM under it, with a random nonce: a chunk
 * that is written again, because more of it has arrived, gets another. Bound to every chunk as associated data are the header (so the total size), the
 * digest of the whole, and the chunk's index: none can be moved, repeated, left out, or put into another file, and none can be missing at the end.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { Digest } from '@skerry/contract/values/digest'
import { hexOf } from '../files/hash.ts'
import { KEY_BYTES, secretKeyId } from './secret-box.ts'

/** What is lost of a part when the power goes, and what is held to read one byte. 20 µs of set-up for each are 2 % of the time to encrypt it. */
export const CHUNK_BYTES = 256 * 1024

export const HEADER_BYTES = 40
const NONCE_BYTES = 12
const TAG_BYTES = 16
const BESIDE_BYTES = NONCE_BYTES + TAG_BYTES
const CIPHER = 'aes-256-gcm'
const MAGIC = Buffer.from('SKRYSEA1')
const SALT_AT = 16
const TOTAL_AT = 32

/** One data key, under which many files lie. */
export type SealKey = { id: string; key: Uint8Array }

/** All that is needed to read and write one file; it opens no other. */
export type FileSeal = { header: Uint8Array; fileKey: Uint8Array; digest: Digest }

/** The bytes are not those that were sealed here, whatever it was that changed them. */
export class SealBroken extends Error {}

/** A new data key. */
export function generateSealKey(): SealKey {
  const key = randomBytes(KEY_BYTES)
  return { id: secretKeyId(key), key }
}

/** For a new file, which will have this digest and size. */
export function newFileSeal({ id, key }: SealKey, digest: Digest, totalBytes: number): FileSeal {
  const header = Buffer.concat([MAGIC, Buffer.from(id, 'hex'), randomBytes(TOTAL_AT - SALT_AT), Buffer.alloc(8)])
  header.writeBigUInt64BE(BigInt(totalBytes), TOTAL_AT)
  return { header, fileKey: fileKeyOf(key, header), digest }
}

/** For a file that begins with the header. Throws SealBroken where it is none, or no key is known for it. */
export function fileSealOf(keys: readonly SealKey[], header: Uint8Array, digest: Digest): FileSeal {
  const id = keyIdOf(header)
  const known = keys.find((key) => key.id === id)
  if (!known) throw new SealBroken(id === undefined ? 'the file has no seal' : `no key ${id} is known here`)
  return { header, fileKey: fileKeyOf(known.key, header), digest }
}

/** Which key the file lies under; undefined where it is no sealed file. */
export function keyIdOf(header: Uint8Array): string | undefined {
  const isOne = header.length === HEADER_BYTES && MAGIC.equals(header.subarray(0, MAGIC.length))
  return isOne ? Buffer.from(header.subarray(MAGIC.length, SALT_AT)).toString('hex') : undefined
}

export const totalBytesOf = ({ header }: Pick<FileSeal, 'header'>): number =>
  Number(Buffer.from(header.buffer, header.byteOffset, header.length).readBigUInt64BE(TOTAL_AT))

export const chunkCountOf = (plainBytes: number): number => Math.ceil(plainBytes / CHUNK_BYTES)

/** Where a chunk begins in the file. */
export const chunkAt = (index: number): number => HEADER_BYTES + index * (CHUNK_BYTES + BESIDE_BYTES)

/** How many bytes of a file so many plain ones take. */
export const sealedSizeOf = (plainBytes: number): number =>
  HEADER_BYTES + plainBytes + chunkCountOf(plainBytes) * BESIDE_BYTES

/** How many plain bytes a file of that size holds; of one that was cut, as many as there may be at most. */
export function plainSizeOf(sealedBytes: number): number {
  const body = Math.max(0, sealedBytes - HEADER_BYTES)
  return Math.max(0, body - Math.ceil(body / (CHUNK_BYTES + BESIDE_BYTES)) * BESIDE_BYTES)
}

/** How many bytes of the file a chunk of so many plain ones takes. */
export const sealedChunkSizeOf = (plainBytes: number): number => plainBytes + BESIDE_BYTES

/** One chunk as it goes to the disk. */
export function sealChunk(seal: FileSeal, index: number, plain: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, seal.fileKey, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(associatedOf(seal, index))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** What was sealed as this chunk of this file; throws SealBroken for anything else. */
export function openChunk(seal: FileSeal, index: number, sealed: Uint8Array): Buffer {
  if (sealed.length <= BESIDE_BYTES) throw new SealBroken(`chunk ${index} is cut off`)
  const decipher = createDecipheriv(CIPHER, seal.fileKey, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
  decipher.setAAD(associatedOf(seal, index))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES))
  try {
    decipher.final()
    return plain
  } catch {
    throw new SealBroken(`chunk ${index} is not what was sealed`)
  }
}

const fileKeyOf = (key: Uint8Array, header: Uint8Array): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, header.subarray(SALT_AT, TOTAL_AT), 'skerry sealed file v1', KEY_BYTES))

function associatedOf({ header, digest }: FileSeal, index: number): Buffer {
  const number = Buffer.alloc(8)
  number.writeBigUInt64BE(BigInt(index))
  return Buffer.concat([header, Buffer.from(hexOf(digest), 'hex'), number])
}
