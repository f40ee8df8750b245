/** Connection stream: hears which sources and sinks this device should have, and says what it has and how that does, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import { ConnectionsDocument } from '@skerry/contract/connection'
import type { LinkClient } from '../link/signed-streams.ts'
import type { ConnectionKeeper } from './connection-keeper.ts'

/** What the stream needs of the device. */
export type Connections = Pick<ConnectionKeeper, 'held' | 'take'> & {
  /** Resolves when how they do is news for the hub. */
  news(signal: AbortSignal): Promise<void>
}

/** Never returns: a hub that ends the stream has something wrong with it, and is asked anew. A hub that knows no connections gives none. */
export async function followConnections(it: Connections, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    const offered = await client.connections(it.held(), { signal })
    return await Promise.race([hear(it, client, { offered, signal }), tell(it, client, signal)])
  } catch (error) {
    // [oRPC] What a server says of a procedure that it does not have.
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
    throw error
  }
}

type Hearing = { offered: AsyncIterable<unknown>; signal: AbortSignal }

async function hear(it: Connections, client: LinkClient, { offered, signal }: Hearing): Promise<never> {
  for await (const document of offered) {
    await it.take(ConnectionsDocument.parse(document), signal)
    await client.connectionsHeld(it.held(), { signal })
  }
  throw new Error('the hub ended the stream of connections')
}

async function tell(it: Connections, client: LinkClient, signal: AbortSignal): Promise<never> {
  let told = ''
  for (;;) {
    await it.news(signal)
    const held = it.held()
    const text = JSON.stringify(held)
    // Where nothing moves there is nothing to say.
    if (text === told) continue
    await client.connectionsHeld(held, { signal })
    told = text
  }
}
