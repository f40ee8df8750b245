/** Trust stream: hears whose signatures count, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import { TrustMessage } from '@skerry/contract/trust'
import type { LinkClient } from '../link/link-connection.ts'
import type { TrustKeeper } from './trust-keeper.ts'

/** Never returns. `onHeard` is called when the device knows what the hub knows; at once where the hub is too old to say. */
export async function followTrust(
  keeper: TrustKeeper,
  client: LinkClient,
  { onHeard, signal }: { onHeard: () => void; signal: AbortSignal },
): Promise<never> {
  try {
    for await (const offered of await client.trust(keeper.held(), { signal })) {
      const { envelope } = TrustMessage.parse(offered)
      if (envelope) await keeper.take(envelope)
      onHeard()
    }
  } catch (error) {
    // [oRPC] What a server says of a procedure that it does not have.
    if (!(error instanceof ORPCError && error.code === 'NOT_FOUND')) throw error
    onHeard()
    return new Promise(() => {})
  }
  throw new Error('the hub ended the stream of trust')
}
