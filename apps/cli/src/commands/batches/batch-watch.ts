/**
 * Batch watch: follows a batch until it is over. On a terminal it redraws the text; elsewhere it prints a line for each
 * change.
 */
import type { SkerryClient } from '@skerry/client/client'
import type { Batch } from '@skerry/contract/batches/batch'
import type { BatchId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../../program/session.ts'
import { batchLine, batchText } from './batch-view.ts'

/** Quick enough to feel live. Each look reads one row of the hub's database. */
const LOOK_MS = 500

/** A batch in one of these states does not change by itself. */
const RESTING: ReadonlySet<Batch['status']> = new Set(['draft', 'signed', 'ended', 'cancelled'])

/** Shows the batch until it needs a person, or is over. */
export async function watchBatch(client: SkerryClient, id: BatchId, session: Session): Promise<void> {
  const { io, isJson, signal } = session
  let last = ''
  let drawnLines = 0
  for (;;) {
    const batch = await client.batch.get({ batch: id }, { signal })
    const line = batchLine(batch)
    if (line !== last && (isJson || !io.stdout.isTTY)) session.printEvent({ json: batch, text: () => line })
    if (line !== last && !isJson && io.stdout.isTTY) {
      const text = batchText(batch, session)
      // Moves up to the start of the last drawing, and clears it.
      io.stdout.write(`${drawnLines === 0 ? '' : `\u001b[${drawnLines}A\u001b[J`}${text}\n`)
      drawnLines = text.split('\n').length
    }
    last = line
    if (RESTING.has(batch.status)) return
    await systemClock.sleep(LOOK_MS, signal)
  }
}
