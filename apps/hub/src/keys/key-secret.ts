/**
 * Key secret: `sk_<id>_<secret>`. The id finds the record, and the secret is compared with its hash.
 *
 * A plain SHA-256 is enough here: the secret is 256 random bits, so nobody can guess it. (Slow hashes are for
 * passwords, which people choose.)
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { KeySecret } from '@skerry/contract/people/key'
import { KeyId } from '@skerry/contract/values/ids'

export type SecretParts = { id: KeyId; secret: string }

/** The key's text, which the API shows once. */
export const keyTextOf = ({ id, secret }: SecretParts): string => `sk_${id.slice('key_'.length)}_${secret}`

/** The parts of a key's text; undefined if it is invalid. */
export function parseKeyText(text: string): SecretParts | undefined {
  if (!KeySecret.safeParse(text).success) return undefined
  const [, id = '', ...secret] = text.split('_')
  return { id: KeyId.parse(`key_${id}`), secret: secret.join('_') }
}

/** The identity of an invalid key for the caller limiter: its id, or part of its hash if it has no id. */
export const presentedKey = (text: string): string => parseKeyText(text)?.id ?? presentedSecret(text)

/**
 * The same for a secret without an id. The first part of its hash distinguishes it from others, and reveals nothing.
 */
export const presentedSecret = (text: string): string => hashSecret(text).slice(0, 32)

/** SHA-256 of a secret, hex. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether the secret has the hash. The duration does not show how much of it matches. */
export function fitsHash(secret: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex')
  const found = Buffer.from(hashSecret(secret), 'hex')
  return expected.length === found.length && timingSafeEqual(expected, found)
}
