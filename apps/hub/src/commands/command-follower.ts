/** Command follower: one stream of commands to a device, and what it has been told. */
import type { CommandKind, CommandMessage } from '@skerry/contract/devices/device-command'
import type { CommandId } from '@skerry/contract/values/ids'

export type Follower = {
  /** What the device says it can be asked. */
  readonly kinds: ReadonlySet<string>
  /** What it has not been told of what waits; and what it was told and waits no more. */
  news(waiting: readonly { id: CommandId; kind: CommandKind; message: CommandMessage }[]): CommandMessage[]
}

/** A stream that has been told nothing. */
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
      // Whatever ended it: a device that has answered has nothing left to stop.
      return [...over.map((id) => ({ kind: 'cancel' as const, id })), ...fresh.map(({ message }) => message)]
    },
  }
}
