/** Command stream: sends commands to a device as they arise. */
import type { HibernationEventIterator } from '@orpc/server/hibernation'
import type { CommandMessage } from '@skerry/contract/devices/device-command'
import type { SignedMessage } from '@skerry/contract/link/link-message'
import { openStream } from '../link/level-stream.ts'
import type { LinkConnection } from '../link/link-connection.ts'
import type { CommandBoard } from './command-board.ts'

/** The procedure's answer. It replaces the earlier stream of the connection. */
export function openCommands(
  board: CommandBoard,
  connection: LinkConnection,
  kinds: readonly string[],
): HibernationEventIterator<SignedMessage<CommandMessage>> {
  return openStream(connection, 'commands', (sink) => {
    connection.commands?.[Symbol.dispose]()
    connection.commands = board.follow(connection.deviceId, kinds, (message) => {
      // A message to a connection that has ended is sent again over the next connection.
      if (sink.isOpen()) sink.send(message)
    })
  })
}
