/** Command stream: receives the hub's commands to this device, for as long as the link holds. */
import { ORPCError } from '@orpc/client'
import type { LinkClient } from '../link/signed-streams.ts'
import type { CommandDesk } from './command-desk.ts'

/**
 * Never returns. If a hub ends the stream, it has a fault, and the device connects again. A hub without commands sends
 * none.
 */
export async function followCommands(desk: CommandDesk, client: LinkClient, signal: AbortSignal): Promise<never> {
  try {
    for await (const message of await client.commands({ kinds: [...desk.kinds] }, { signal })) {
      desk.take(message, (answer) => client.answer(answer, { signal }), signal)
    }
  } catch (error) {
    // [oRPC] The code of a server that does not have the procedure.
    if (error instanceof ORPCError && error.code === 'NOT_FOUND') return new Promise(() => {})
    throw error
  }
  throw new Error('the hub ended the stream of commands')
}
