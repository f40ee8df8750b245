/**
 * Bulk run: repeats one action for many devices, a few at a time, and reports the result of each. Stopping does not
 * undo finished devices.
 */
import { problemOf } from '@skerry/client/problem'

/**
 * The page sends only this many requests at once. The hub commits each one separately, and other callers need their
 * turn.
 */
const AT_ONCE = 4

/** A larger change is work for a script: it takes a minute, and nobody reads such a long list of failures. */
export const BULK_MAX = 500

export type Failed<Row> = { row: Row; message: string }

export type BulkState<Row> = { done: number; total: number; failed: readonly Failed<Row>[]; isOver: boolean }

export type BulkWork<Row> = {
  rows: readonly Row[]
  work: (row: Row, signal: AbortSignal) => Promise<unknown>
  onState: (state: BulkState<Row>) => void
}

/** Resolves when all have been tried. After the signal has fired, it resolves when the running ones have ended. */
export async function runBulk<Row>({ rows, work, onState }: BulkWork<Row>, signal: AbortSignal): Promise<void> {
  const queue = [...rows]
  const failed: Failed<Row>[] = []
  let done = 0
  const tell = (isOver: boolean) => onState({ done, total: rows.length, failed: [...failed], isOver })
  const worker = async () => {
    for (let row = queue.shift(); row !== undefined && !signal.aborted; row = queue.shift()) {
      try {
        await work(row, signal)
        done += 1
      } catch (thrown) {
        if (signal.aborted) return
        failed.push({ row, message: problemOf(thrown).message })
      }
      tell(false)
    }
  }
  tell(false)
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  tell(true)
}
