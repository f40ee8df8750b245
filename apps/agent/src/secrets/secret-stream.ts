/** Secret stream: hears which secrets this device should hold, and says what it holds, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import { SecretsDocument } from '@skerry/contract/secret'
import type { LinkClient } from '../link/signed-streams.ts'
import type { SecretKeeper } from './secret-keeper.ts'

/** Never returns: a hub that ends the stream has something wrong with it, and is asked anew. A hub that knows no secrets gives none. */
export async function followSecrets(keeper: SecretKeeper, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    for await (const offered of await client.secrets(keeper.held(), { signal })) {
      await keeper.take(SecretsDocument.parse(offered))
      await client.secretsHeld(keeper.held(), { signal })
    }
  } catch (error) {
    // [oRPC] What a server says of a procedure that it does not have.
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
    throw error
  }
  throw new Error('the hub ended the stream of secrets')
}
