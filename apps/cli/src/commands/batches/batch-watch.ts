/** Batch watch: follows a batch until it is over: text that is drawn anew on a terminal, a line for each change elsewhere. */
import type { SkerryClient } from '@skerry/client/client'
import type { Batch } from '@skerry/contract/batches/batch'
import type { BatchId } from '@skerry/contract/values/ids'
import { systemClock } from '@skerry/platform/process/clock'
import type { Session } from '../../program/session.ts'
import { batchLine, batchText } from './batch-view.ts'

/** Quick enough to feel live; each look is one row of the hub's. */
const LOOK_MS = 500

/** Nothing comes by itself in these. */
const RESTING: ReadonlySet<Batch['status']> = new Set(['draft', 'signed', 'ended', 'cancelled'])

/** Shows the batch until it needs somebody, or is over. */
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
      // Up to where the last drawing began, and away with it.
      io.stdout.write(`${drawnLines === 0 ? '' : `\u001b[${drawnLines}A\u001b[J`}${text}\n`)
      drawnLines = text.split('\n').length
    }
    last = line
    if (RESTING.has(batch.status)) return
    await systemClock.sleep(LOOK_MS, signal)
  }
}
