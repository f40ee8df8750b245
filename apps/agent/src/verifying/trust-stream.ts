/** Trust stream: hears whose signatures count, for as long as the link holds. */
import { TrustMessage } from '@skerry/contract/trust'
import type { LinkClient } from '../link/signed-streams.ts'
import type { TrustKeeper } from './trust-keeper.ts'

/** Never returns. `onHeard` is called when the device knows the same as the hub; by then the hub has proved by a signature that it is the hub. */
export async function followTrust(
  keeper: TrustKeeper,
  client: LinkClient,
  { onHeard, signal }: { onHeard: () => void; signal: AbortSignal },
): Promise<never> {
  for await (const offered of await client.trust(keeper.held(), { signal })) {
    const { envelope } = TrustMessage.parse(offered)
    if (envelope) await keeper.take(envelope)
    onHeard()
  }
  throw new Error('the hub ended the stream of trust')
}
