/**
 * Tag writes: the writes to tags by flows of this runner, and by hosts through its sinks, since control last received
 * them: a sum for each writer and tag. Control records them.
 */
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

/** The most tags that are remembered. A write to a forgotten tag counts as a change. */
const KNOWN_MAX = 10_000

type TagWrites = {
  note(write: TagWrite): void
  /** The sums since the last call. */
  take(): TagWriteSum[]
}

/** At the start there are none. */
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

/** The way to write tags for writers on the device itself. */
export type TagDoor = {
  /** The tag's own rules judge the write, and the journal records it. */
  write(writer: TagWriter, order: { source: string; tag: string; value: TagContent }): Promise<TellOutcome>
  /** Records a write that did not reach a tag. */
  refused(write: TagWrite & { refusal: object }): void
}

/** `take`: all writes here and their outcomes since the last call. */
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
