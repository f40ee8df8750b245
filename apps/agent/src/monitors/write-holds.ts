/** Write holds: the flows of a runner that write no tags, because a monitor of the hub holds them. */
import type { WriteHold } from '@skerry/contract/held/monitors'
import type { TellOutcome } from '@skerry/flows/outlet'
import type { TagDoor } from '../runner/equipment/tag-writes.ts'

export type WriteHolds = {
  /** From now on, exactly these are held. */
  become(holds: readonly WriteHold[]): void
  /** Why the flow may not write; undefined if it may. */
  refusal(flow: string): Refusal | undefined
}

type Refusal = Exclude<TellOutcome, { ok: true }>

/** Holds nothing yet. */
export function createWriteHolds(): WriteHolds {
  let reasons = new Map<string, string>()
  return {
    become(holds) {
      reasons = new Map(holds.map(({ flow, reason }) => [flow, reason]))
    },
    refusal(flow) {
      const reason = reasons.get(flow)
      return reason === undefined ? undefined : { ok: false, code: 'tag_interlocked', message: heldText(flow, reason) }
    },
  }
}

const heldText = (flow: string, reason: string) =>
  `a monitor holds the write-back of the flow ${flow} (${reason}); nothing was written: release it with "skerry monitor release"`

/** The door for flows: a flow that a monitor holds does not reach its tags, and the journal says why. */
export const heldDoor = (door: TagDoor, holds: Pick<WriteHolds, 'refusal'>): Pick<TagDoor, 'write'> => ({
  async write(writer, order) {
    const refusal = 'flow' in writer ? holds.refusal(writer.flow) : undefined
    if (!refusal) return door.write(writer, order)
    door.refused({ ...writer, ...order, refusal })
    return refusal
  },
})
