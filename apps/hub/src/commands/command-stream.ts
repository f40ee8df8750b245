/** Command stream: tells a device what it is asked, as it comes up. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { CommandMessage } from '@skerry/contract/devices/device-command'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import { openStream } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { CommandBoard } from './command-board.ts'

/** The procedure's answer, in place of what the connection followed before. */
export function openCommands(
  board: CommandBoard,
  connection: LinkConnection,
  kinds: readonly string[],
): HibernationEventIterator<SignedMessage<CommandMessage>> {
  return openStream(connection, 'commands', (sink) => {
    connection.commands?.[Symbol.dispose]()
    connection.commands = board.follow(connection.deviceId, kinds, (message) => {
      // What is said to a connection that has ended is said again over the next one.
      if (sink.isOpen()) sink.send(message)
    })
  })
}
