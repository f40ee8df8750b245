/**
 * Resumable hash: a sha256 that can be written down half-way and gone on with elsewhere. OpenSSL's, which Node offers, cannot; it is five
 * times as fast, so hash.ts is for everything that is hashed in one go.
 */
import { createSHA256 } from 'hash-wasm'
import { digestOfHex, type Hasher } from '../files/hash.ts'

export type ResumableHasher = Hasher & {
  /** All that is needed to go on from here, in base64 (116 bytes). Only a program that knows the same form can read it. */
  save(): string
}

/** Begins anew, or where `state` was saved. Throws when that is no state. */
export async function openResumableHasher(state?: string): Promise<ResumableHasher> {
  const hash = await createSHA256()
  hash.init()
  if (state !== undefined) hash.load(Buffer.from(state, 'base64'))
  return {
    update: (bytes) => void hash.update(bytes),
    digest() {
      // Asking for the digest ends the hash; it goes on from what it was.
      const here = hash.save()
      const hex = hash.digest('hex')
      hash.load(here)
      return digestOfHex(hex)
    },
    save: () => Buffer.from(hash.save()).toString('base64'),
  }
}
