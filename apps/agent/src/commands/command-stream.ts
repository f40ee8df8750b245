/** Command stream: hears what the hub asks of this device, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import type { LinkClient } from '../link/signed-streams.ts'
import type { CommandDesk } from './command-desk.ts'

/** Never returns: a hub that ends the stream has something wrong with it, and is asked anew. A hub that knows no commands asks none. */
export async function followCommands(desk: CommandDesk, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    for await (const message of await client.commands({ kinds: [...desk.kinds] }, { signal })) {
      desk.take(message, (answer) => client.answer(answer, { signal }), signal)
    }
  } catch (error) {
    // [oRPC] What a server says of a procedure that it does not have.
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
    throw error
  }
  throw new Error('the hub ended the stream of commands')
}
