/**
 * Write sum: what a flow wrote to a tag over some time, in one line for whoever asks later who switched a coil: how often, what at last, and what was
 * refused. What says the same as the write before is counted, and is no news: a flow that tells its lamp each second does not fill a journal.
 */
import type { TagContent } from '@skerry/contract/tag'

export type FlowWrite = {
  flow: string
  source: string
  tag: string
  value: TagContent
  /** Nothing where it was written. */
  refusal?: { code: string; message: string } | undefined
}

/** The last write, and all that it stands for. `changes`: how many of them said something else than the one before, in value or outcome. */
export type FlowWriteSum = FlowWrite & { written: number; refused: number; changes: number }

export const writeKey = ({ flow, source, tag }: FlowWrite): string => JSON.stringify([flow, source, tag])

/** What was written, and how it went: the same twice is no news. */
export const writeWords = ({ value, refusal }: FlowWrite): string => JSON.stringify([value, refusal?.code])

/** Of one write; `before` is what the last one said, where it is known. */
export const sumOfWrite = (write: FlowWrite, before: string | undefined): FlowWriteSum => ({
  ...write,
  written: write.refusal ? 0 : 1,
  refused: write.refusal ? 1 : 0,
  changes: writeWords(write) === before ? 0 : 1,
})

/** Of the same flow and tag. */
export function addedWrites(earlier: FlowWriteSum | undefined, later: FlowWriteSum): FlowWriteSum {
  if (!earlier) return later
  return {
    ...later,
    written: earlier.written + later.written,
    refused: earlier.refused + later.refused,
    changes: earlier.changes + later.changes,
  }
}
