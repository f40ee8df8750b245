/** Tag writes: what flows of this runner, and hosts through its sinks, wrote to tags since control was last told: a sum for each of them and tag. Control writes it down. */
import type { TagContent } from '@skerry/contract/sources/tag'
import {
  addedWrites,
  sumOfWrite,
  type TagWrite,
  type TagWriter,
  type TagWriteSum,
  writeKey,
  writeWords,
} from '@skerry/core/audit/tag-write-sum'
import type { TellOutcome } from '@skerry/flows/outlet'
import { NO_SOURCE } from '../flows/flow-board.ts'
import type { SourceFleet } from './source-fleet.ts'

/** What was forgotten counts as a change when it is written again. */
const KNOWN_MAX = 10_000

type TagWrites = {
  note(write: TagWrite): void
  /** Since the last time. */
  take(): TagWriteSum[]
}

/** None yet. */
function createTagWrites(): TagWrites {
  const said = new Map<string, string>()
  const sums = new Map<string, TagWriteSum>()
  return {
    note(write) {
      const key = writeKey(write)
      sums.set(key, addedWrites(sums.get(key), sumOfWrite(write, said.get(key))))
      const [oldest] = said.keys()
      if (oldest !== undefined && said.size >= KNOWN_MAX) said.delete(oldest)
      said.set(key, writeWords(write))
    },
    take() {
      const taken = [...sums.values()]
      sums.clear()
      return taken
    },
  }
}

/** The way to tags for whoever is on the device itself. */
export type TagDoor = {
  /** Judged by the tag's own rules, and written down. */
  write(writer: TagWriter, order: { source: string; tag: string; value: TagContent }): Promise<TellOutcome>
  /** What did not get as far as a tag is written down, too. */
  refused(write: TagWrite & { refusal: object }): void
}

/** `take`: all that was done here, and how it went, since the last time. */
export function openTagDoor(fleet: Pick<SourceFleet, 'write'>): TagDoor & Pick<TagWrites, 'take'> {
  const { note, take } = createTagWrites()
  return {
    take,
    refused: note,
    async write(writer, { source, tag, value }) {
      const outcome = (await fleet.write(source, { tag, value })) ?? NO_SOURCE
      note({ ...writer, source, tag, value, ...(!outcome.ok && { refusal: outcome }) })
      return outcome
    },
  }
}
