/** Command follower: one stream of commands to a device, and the commands that it has sent. */
import type { CommandKind, CommandMessage } from '@skerry/contract/devices/device-command'
import type { CommandId } from '@skerry/contract/values/ids'

export type Follower = {
  /** The kinds of commands that the device supports. */
  readonly kinds: ReadonlySet<string>
  /**
   * The messages to send: open commands that were not sent yet, and cancellations of sent commands that are no longer
   * open.
   */
  news(waiting: readonly { id: CommandId; kind: CommandKind; message: CommandMessage }[]): CommandMessage[]
}

/** Creates a follower that has sent nothing. */
export function createFollower(kinds: readonly string[]): Follower {
  const known: ReadonlySet<string> = new Set(kinds)
  const told = new Set<CommandId>()
  return {
    kinds: known,
    news(waiting) {
      const fresh = waiting.filter(({ id, kind }) => known.has(kind) && !told.has(id))
      const over = [...told].filter((id) => !waiting.some((each) => each.id === id))
      for (const { id } of fresh) told.add(id)
      for (const id of over) told.delete(id)
      // The cause of the end does not matter: a device that has already answered has no command to stop.
      return [...over.map((id) => ({ kind: 'cancel' as const, id })), ...fresh.map(({ message }) => message)]
    },
  }
}
