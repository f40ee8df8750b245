/**
 * Resumable hash: a sha256 whose state can be saved half-way and resumed elsewhere. OpenSSL's, which Node offers,
 * cannot do that. It is five times as fast, so hash.ts hashes everything that is read in one go.
 */
import { createSHA256 } from 'hash-wasm'
import { digestOfHex, type Hasher } from '../files/hash.ts'

export type ResumableHasher = Hasher & {
  /** The state to resume from, in base64 (116 bytes). Only a program that knows the same form can read it. */
  save(): string
}

/** Begins anew, or at the saved `state`. Throws if the text is no state. */
export async function openResumableHasher(state?: string): Promise<ResumableHasher> {
  const hash = await createSHA256()
  hash.init()
  if (state !== undefined) hash.load(Buffer.from(state, 'base64'))
  return {
    update: (bytes) => void hash.update(bytes),
    digest() {
      // Reading the digest ends the hash, so its state is saved before and loaded again after.
      const here = hash.save()
      const hex = hash.digest('hex')
      hash.load(here)
      return digestOfHex(hex)
    },
    save: () => Buffer.from(hash.save()).toString('base64'),
  }
}
