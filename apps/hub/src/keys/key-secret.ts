/**
 * Key secret: `sk_<id>_<secret>`. The id finds the record, and the secret is compared with its hash.
 *
 * A plain SHA-256 is enough here: the secret is 256 random bits, so there is nothing to guess and nothing that a slow hash would slow down.
 * (Slow hashes are for passwords, which people choose.)
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { KeySecret } from '@skerry/contract/people/key'
import { KeyId } from '@skerry/contract/values/ids'

export type SecretParts = { id: KeyId; secret: string }

/** The text that is shown once. */
export const keyTextOf = ({ id, secret }: SecretParts): string => `sk_${id.slice('key_'.length)}_${secret}`

/** The parts of a key's text; undefined when it is none. */
export function parseKeyText(text: string): SecretParts | undefined {
  if (!KeySecret.safeParse(text).success) return undefined
  const [, id = '', ...secret] = text.split('_')
  return { id: KeyId.parse(`key_${id}`), secret: secret.join('_') }
}

/** As whom a key that does not count was presented: the id in it, or, where it has none, what it is. */
export const presentedKey = (text: string): string => parseKeyText(text)?.id ?? presentedSecret(text)

/** The same for a secret that names nobody. The beginning of its hash tells it from others, and gives nothing away. */
export const presentedSecret = (text: string): string => hashSecret(text).slice(0, 32)

/** SHA-256 of a secret, hex. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Whether the secret has the hash, in a time that tells nothing of how much of it fits. */
export function fitsHash(secret: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex')
  const found = Buffer.from(hashSecret(secret), 'hex')
  return expected.length === found.length && timingSafeEqual(expected, found)
}
