/**
 * Tag write sum: the writes to a tag from the device itself over some time, in one line, for later questions about a
 * switched coil. The line has their number, the last value, and the rejected ones. A write that repeats the one
 * before is only counted: a flow that sets its lamp each second does not fill the journal.
 */
import type { TagContent } from '@skerry/contract/sources/tag'

/** The writer: a flow, or hosts that reach the device through a sink, which have no names of their own at a broker. */
export type TagWriter = { flow: string } | { sink: string; broker: string }

/** Source, tag and value are absent if the requested tag does not exist. */
export type TagWrite = TagWriter & {
  source?: string
  tag?: string
  value?: TagContent
  /** Nothing if it was written. */
  refusal?: { code: string; message: string } | undefined
}

/** The last write, and the sum of all. `changes`: how many of them differ from the one before, in value or result. */
export type TagWriteSum = TagWrite & { written: number; refused: number; changes: number }

const writerOf = (write: TagWriter) => ('flow' in write ? [write.flow] : [write.sink, write.broker])

export const writeKey = (write: TagWrite): string => JSON.stringify([writerOf(write), write.source, write.tag])

/** Value and result of a write: if both are the same again, nothing has changed. */
export const writeWords = ({ value, refusal }: TagWrite): string => JSON.stringify([value, refusal?.code])

/** The sum of one write; `before` is the text of the last one, if it is known. */
export const sumOfWrite = (write: TagWrite, before: string | undefined): TagWriteSum => ({
  ...write,
  written: write.refusal ? 0 : 1,
  refused: write.refusal ? 1 : 0,
  changes: writeWords(write) === before ? 0 : 1,
})

/** Adds two sums of the same writer and tag. */
export function addedWrites(earlier: TagWriteSum | undefined, later: TagWriteSum): TagWriteSum {
  if (!earlier) return later
  return {
    ...later,
    written: earlier.written + later.written,
    refused: earlier.refused + later.refused,
    changes: earlier.changes + later.changes,
  }
}
