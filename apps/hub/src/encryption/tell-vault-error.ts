/**
 * Tells whoever may set secrets what is wrong with the encryption key, in the words for it: none of them holds one. Other callers learn nothing
 * of it, since the words name files of the hub.
 */
import { problem } from '../http/problem.ts'
import { VaultError } from './vault-error.ts'

/** Does the work; throws `encryption_key_unavailable` where the vault could not. */
export async function tellVaultError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof VaultError) throw problem('encryption_key_unavailable', error.message)
    throw error
  }
}
