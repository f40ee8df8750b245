/**
 * Tag write sum: what somebody on the device itself wrote to a tag over some time, in one line for whoever asks later who switched a coil: how often, what at
 * last, and what was refused. What says the same as the write before is counted, and is no news: a flow that tells its lamp each second fills no journal.
 */
import type { TagContent } from '@skerry/contract/sources/tag'

/** Who wrote: a flow, or hosts that reach the device through a sink, which have no names of their own at a broker. */
export type TagWriter = { flow: string } | { sink: string; broker: string }

/** Nothing of source, tag and value where what was asked for is none that there is. */
export type TagWrite = TagWriter & {
  source?: string
  tag?: string
  value?: TagContent
  /** Nothing where it was written. */
  refusal?: { code: string; message: string } | undefined
}

/** The last write, and all that it stands for. `changes`: how many of them said something else than the one before, in value or outcome. */
export type TagWriteSum = TagWrite & { written: number; refused: number; changes: number }

const writerOf = (write: TagWriter) => ('flow' in write ? [write.flow] : [write.sink, write.broker])

export const writeKey = (write: TagWrite): string => JSON.stringify([writerOf(write), write.source, write.tag])

/** What was written, and how it went: the same twice is no news. */
export const writeWords = ({ value, refusal }: TagWrite): string => JSON.stringify([value, refusal?.code])

/** Of one write; `before` is what the last one said, where it is known. */
export const sumOfWrite = (write: TagWrite, before: string | undefined): TagWriteSum => ({
  ...write,
  written: write.refusal ? 0 : 1,
  refused: write.refusal ? 1 : 0,
  changes: writeWords(write) === before ? 0 : 1,
})

/** Of the same writer and tag. */
export function addedWrites(earlier: TagWriteSum | undefined, later: TagWriteSum): TagWriteSum {
  if (!earlier) return later
  return {
    ...later,
    written: earlier.written + later.written,
    refused: earlier.refused + later.refused,
    changes: earlier.changes + later.changes,
  }
}
