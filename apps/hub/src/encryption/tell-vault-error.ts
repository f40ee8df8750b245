/**
 * Reports a problem with the encryption key to callers that may set secrets. The message contains no key. Other callers
 * do not get it, because it names files of the hub.
 */
import { problem } from '../http/problem.ts'
import { VaultError } from './vault-error.ts'

/** Does the work; throws `encryption_key_unavailable` if the vault failed. */
export async function tellVaultError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof VaultError) throw problem('encryption_key_unavailable', error.message)
    throw error
  }
}
